using System.Net;
using System.Text;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Security.Revoking;

/// <summary>The operator's list, from a file or a URL: in force when it changes, and the last good one when it breaks.</summary>
public sealed class RevocationListTests : IDisposable
{
    private const string Empty = """{"revocations": []}""";
    private const string OfSeven = """{"revocations": [{"user_id": "7"}]}""";
    private const string Every = "Presence:Auth:RevocationRefreshInterval=00:00:01";

    private readonly TemporaryDirectory _directory = new();

    private string List => Path.Combine(_directory.Path, "list.json");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_list_in_a_file_is_in_force_when_it_changes_and_the_last_good_one_when_it_breaks()
    {
        await File.WriteAllTextAsync(List, Empty, TestContext.Current.CancellationToken);
        await using Scene scene = await Scene.StartAsync(2, $"Presence:Auth:RevocationFile={List}", Every, "Presence:Session:Hold=00:05:00");
        RawClient client = await scene.ConnectAsync(7);
        Put(OfSeven);
        Assert.Equal(CloseCode.Revoked, (await client.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);

        Put("""{"revocations": [{"user_id": 7}]}""");
        Assert.Contains("last good one", await scene.Server.HasAsync("revocations", "degraded"), StringComparison.Ordinal);
        await AssertRefusedAsync(scene);
        File.Delete(List);
        await scene.Server.HasAsync("revocations", "degraded");
        await AssertRefusedAsync(scene);
        Put(Empty);
        await scene.Server.HasAsync("revocations", "ok");
        await scene.ConnectAsync(7);
        Assert.Contains("the 1 entries known stay in force", scene.Server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_behind_a_url_is_in_force_and_its_last_good_one_when_it_is_gone()
    {
        using var http = new HttpListener();
        IPEndPoint address = LoopbackPorts.Free();
        http.Prefixes.Add($"http://{address}/");
        http.Start();
        string list = OfSeven;
        Task answering = AnswerAsync(http, () => Volatile.Read(ref list));
        await using (Scene scene = await Scene.StartAsync(1, $"Presence:Auth:RevocationUrl=http://{address}/list", Every))
        {
            await AssertRefusedAsync(scene);
            Volatile.Write(ref list, "");
            await scene.Server.HasAsync("revocations", "degraded");
            await AssertRefusedAsync(scene);
        }

        http.Stop();
        await answering;
    }

    // As a proxy's page may have it: the library knows no such charset, and throws.
    [Fact]
    public async Task A_list_is_read_on_whatever_charset_an_answer_says_it_has()
    {
        using var http = new HttpListener();
        IPEndPoint address = LoopbackPorts.Free();
        http.Prefixes.Add($"http://{address}/");
        http.Start();
        string list = Empty;
        Task answering = AnswerAsync(http, () => Volatile.Read(ref list), "text/html; charset=utf8mb4");
        await using (Scene scene = await Scene.StartAsync(1, $"Presence:Auth:RevocationUrl=http://{address}/list", Every))
        {
            Volatile.Write(ref list, "<html>");
            await scene.Server.HasAsync("revocations", "degraded");
            RawClient client = await scene.ConnectAsync(7);
            Volatile.Write(ref list, OfSeven);
            Assert.Equal(CloseCode.Revoked, (await client.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
        }

        http.Stop();
        await answering;
    }

    [Theory]
    [InlineData(null)]
    [InlineData("""{"revocations": [{}]}""")]
    public async Task A_server_without_its_list_does_not_start(string? content)
    {
        if (content is not null)
        {
            Put(content);
        }

        (int code, string output) = await ServerProcess.RunToEndAsync(
            [.. ServerProcess.Defaults(Path.Combine(_directory.Path, "data")), $"Presence:Auth:RevocationFile={List}"]);
        Assert.Equal(2, code);
        Assert.Contains(content is null ? "cannot be read" : "This is not a list of revocations", output, StringComparison.Ordinal);
    }

    // As a whole, the way a list should be replaced.
    private void Put(string content)
    {
        File.WriteAllText(List + ".new", content);
        File.Move(List + ".new", List, overwrite: true);
    }

    private static async Task AssertRefusedAsync(Scene scene)
    {
        await using RawClient client = await RawClient.ConnectAsync(scene.Server.Tcp);
        await client.SendAsync(new ClientFrame { Hello = new Hello { ProtocolVersion = 1, DeviceId = "phone", Token = TestTokens.For(scene.Server, 7) } });
        Assert.Equal(CloseCode.Revoked, (await client.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
    }

    private static async Task AnswerAsync(HttpListener http, Func<string> content, string? type = null)
    {
        try
        {
            while (http.IsListening)
            {
                HttpListenerContext request = await http.GetContextAsync();
                request.Response.ContentType = type;
                await request.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(content()));
                request.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
