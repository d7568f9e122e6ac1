using System.Runtime.InteropServices;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Hosting;

/// <summary>What becomes of its standard output is no matter of the server's: nobody waits for who reads the log.</summary>
public sealed partial class OutputTests : IDisposable
{
    // Each refused Hello is a line of 150 bytes at this level: together more than a pipe of 64 KiB and the logger's queue of 2,500 lines hold.
    private const int Refused = 6_000;
    private const int AtATime = 8;

    private static readonly string[] s_settings = ["Logging:LogLevel:Default=Debug"];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_reader_that_stops_or_leaves_delays_nobody()
    {
        string path = _directory["output"];
        Assert.Equal(0, MakePipe(path, Convert.ToUInt32("600", 8)));
        // Opening either end waits for the other.
        Task<FileStream> opening = Task.Run(() => new FileStream(path, FileMode.Open, FileAccess.Read));
        await using ServerProcess server = await ServerProcess.StartSilentAsync($">{path} 2>&1", s_settings);
        await using (FileStream unread = await opening)
        {
            await RefuseAsync(server);
            await AssertServesAsync(server);
        }

        await RefuseAsync(server);
        await AssertServesAsync(server);
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task Closed_from_the_beginning_it_is_not_taken_for_a_file_of_the_data()
    {
        await using ServerProcess server = await ServerProcess.StartSilentAsync(">&- 2>&-", s_settings);
        await RefuseAsync(server);
        await using RawClient client = await RawClient.ConnectAsync(server.Tcp);
        await client.HelloAsync(TestTokens.For(server, 1));
        await client.SetStatusAsync(1, Status.Busy);
        await server.KillAsync();

        await using ServerProcess next = await ServerProcess.StartAsync(dataDirectory: server.DataDirectory);
        Assert.DoesNotContain("torn", next.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("damaged", next.Output, StringComparison.Ordinal);
        await using RawClient asker = await RawClient.ConnectAsync(next.Tcp);
        await asker.HelloAsync(TestTokens.For(next, 2));
        Assert.Equal(Status.Busy, Assert.Single((await asker.QueryAsync(1, 1)).Entries).Status);
    }

    [Fact]
    public async Task A_terminal_that_closes_ends_nothing()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        server.HangUp();
        await AssertServesAsync(server);
        Assert.Equal(0, await server.StopAsync());
    }

    private static Task RefuseAsync(ServerProcess server) => Parallel.ForEachAsync(
        Enumerable.Range(0, Refused),
        new ParallelOptions { MaxDegreeOfParallelism = AtATime },
        async (_, _) =>
        {
            await using RawClient client = await RawClient.ConnectAsync(server.Tcp);
            await client.SendAsync(new ClientFrame { Hello = new Hello { ProtocolVersion = 1, Token = "none", DeviceId = "phone" } });
            Assert.Equal(CloseCode.BadToken, (await client.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
        });

    private static async Task AssertServesAsync(ServerProcess server)
    {
        await using RawClient client = await RawClient.ConnectAsync(server.Tcp);
        await client.HelloAsync(TestTokens.For(server, 1));
        await client.SetStatusAsync(1, Status.Away);
        await client.SetStatusAsync(2, Status.Online);
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakePipe(string path, uint mode);
}
