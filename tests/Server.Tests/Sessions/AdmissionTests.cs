using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Presence.Server.Tests.Links;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Sessions;

/// <summary>More come at once than the node may serve: each is told its own slot, and who was here before is not seen to go.</summary>
public sealed class AdmissionTests
{
    private const int PerSecond = 4;
    private const int Fleet = 12;

    [Theory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task A_fleet_that_loses_its_connections_is_back_at_its_slots_and_nobody_saw_it_go(string transport)
    {
        await using Scene scene = await StartAsync($"Presence:Transport={transport}");
        (RawClient Client, List<uint> Slots)[] fleet = await Task.WhenAll(Enumerable.Range(1, Fleet).Select(user => ComeAsync(scene, user)));
        (RawClient observer, _) = await Comers.ComeAsync(scene.Server.Tcp, TestTokens.For(scene.Server, 900), change: Scene.Observe);
        scene.Keep(observer);
        Watcher watcher = await Watcher.StartAsync(observer, [.. Enumerable.Range(1, Fleet).Select(static user => (ulong)user)]);
        Array.ForEach(fleet, static one => one.Client.Reset());

        (RawClient Client, List<uint> Slots)[] back = await Task.WhenAll(fleet.Select((one, n) => ComeAsync(scene, n + 1, one.Client.Welcome!)));
        await watcher.SyncAsync();
        Assert.All(back, static one => Assert.True(one.Client.Welcome!.Resumed));
        Assert.DoesNotContain(watcher.All, static entry => entry.Status == Status.Offline);
        Assert.Equal(Fleet, watcher.All.Count);
        AssertPaced(back.Select(static one => one.Slots));
    }

    [Fact]
    public async Task Tokens_that_are_none_take_no_slot_of_those_who_were_here_before()
    {
        await using Scene scene = await StartAsync();
        (RawClient client, _) = await ComeAsync(scene, 1);
        client.Reset();
        List<ErrorCode> said = [];
        for (int i = 0; i < 10 * PerSecond; i++)
        {
            await using RawClient stranger = await RawClient.ConnectAsync(scene.Server.Tcp);
            said.Add((await stranger.TryHelloAsync(TestTokens.For(scene.Server, 2)[..^3] + "AAA", $"device-{i}")).Error.Code);
        }

        Assert.Contains(ErrorCode.Unauthenticated, said);
        Assert.Contains(ErrorCode.Overloaded, said);
        (RawClient back, List<uint> slots) = await ComeAsync(scene, 1, client.Welcome!);
        Assert.True(back.Welcome!.Resumed);
        Assert.Empty(slots);
    }

    [Fact]
    public async Task Gateways_that_are_none_keep_no_known_gateway_out()
    {
        await using Scene scene = await StartAsync();
        RawGateway gateway = await scene.OpenAsync("known");
        gateway.Client.Reset();
        List<ErrorCode> said = [];
        for (int i = 0; i < 10 * PerSecond; i++)
        {
            await using RawClient stranger = await RawClient.ConnectAsync(scene.Server.Tcp);
            GatewayHello hello = RawGateway.Hello(scene.Server, $"made-up-{i}");
            hello.Token = hello.Token[..^3] + "AAA";
            await stranger.SendAsync(new ClientFrame { GatewayHello = hello });
            said.Add((await stranger.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error.Code);
        }

        Assert.Contains(ErrorCode.Unauthenticated, said);
        Assert.Contains(ErrorCode.Overloaded, said);
        await scene.OpenAsync("known");
        (_, List<uint> slots) = await ComeAsync(scene, 1);
        Assert.Empty(slots);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    public async Task What_is_no_token_takes_no_slot_of_a_newcomer(string junk)
    {
        await using Scene scene = await StartAsync();
        for (int i = 0; i < 10 * PerSecond; i++)
        {
            await using RawClient stranger = await RawClient.ConnectAsync(scene.Server.Tcp);
            Assert.Equal(ErrorCode.Unauthenticated, (await stranger.TryHelloAsync(junk, $"device-{i}")).Error.Code);
        }

        (_, List<uint> slots) = await ComeAsync(scene, 1);
        Assert.Empty(slots);
    }

    [Fact]
    public async Task TLS_has_a_budget_of_its_own()
    {
        await using Scene scene = await StartAsync("Presence:Listen:Tls=127.0.0.1:0", "Presence:Admission:TlsHandshakes=1");
        List<uint> slots = [];
        for (int user = 1; user <= 3; user++)
        {
            await using RawClient tls = await RawClient.ConnectTlsAsync(scene.Server.Tls);
            ServerFrame first = await tls.TryHelloAsync(TestTokens.For(scene.Server, (ulong)user));
            slots.Add(first.Error?.ReconnectAfterMs ?? 0);
        }

        Assert.Contains(slots, static slot => slot > 0);
        await using RawClient plain = await RawClient.ConnectAsync(scene.Server.Tcp);
        Assert.NotNull((await plain.TryHelloAsync(TestTokens.For(scene.Server, 4))).Welcome);
    }

    [Fact]
    public async Task An_event_stream_is_told_to_retry_and_is_let_in_then()
    {
        await using Scene scene = await StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://{scene.Server.Http}") };
        List<HttpResponseMessage> answers = [];
        for (int user = 1; user <= 2 * PerSecond; user++)
        {
            answers.Add(await OpenAsync(http, scene, user));
        }

        int refused = answers.FindIndex(static answer => answer.StatusCode == HttpStatusCode.ServiceUnavailable);
        Assert.True(refused >= PerSecond, "The burst was not let in.");
        TimeSpan after = answers[refused].Headers.RetryAfter!.Delta!.Value;
        await Task.Delay(after);
        Assert.Equal(HttpStatusCode.OK, (await OpenAsync(http, scene, refused + 1)).StatusCode);
        answers.ForEach(static answer => answer.Dispose());
    }

    [Fact]
    public async Task An_event_stream_that_comes_back_and_is_put_off_is_held_until_then()
    {
        var hold = TimeSpan.FromSeconds(5);
        await using Scene scene = await StartAsync($"Presence:Session:Hold={hold}");
        Watcher watcher = await scene.WatchAsync(1);
        using var http = new HttpClient { BaseAddress = new Uri($"http://{scene.Server.Http}") };
        HttpResponseMessage stream = await OpenAsync(http, scene, 1);
        await watcher.HasAsync(1, Status.Online);
        stream.Dispose();
        HttpResponseMessage[] crowd = await Task.WhenAll(Enumerable.Range(2, 10 * PerSecond).Select(user => OpenAsync(http, scene, user)));
        HttpResponseMessage back = await OpenAsync(http, scene, 1);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, back.StatusCode);
        Assert.True(back.Headers.RetryAfter!.Delta > hold, "It is let in before its hold is over.");
        while (back.StatusCode != HttpStatusCode.OK)
        {
            await Task.Delay(back.Headers.RetryAfter!.Delta!.Value);
            back = await OpenAsync(http, scene, 1);
        }

        await watcher.SyncAsync();
        Assert.DoesNotContain(watcher.All, static entry => entry is { UserId: 1, Status: Status.Offline, Version: > 0 });
        Array.ForEach([.. crowd, back], static answer => answer.Dispose());
    }

    private static Task<Scene> StartAsync(params string[] settings) => Scene.StartAsync(2, [$"Presence:Admission:Handshakes={PerSecond}", $"Presence:Admission:Signatures={PerSecond}", .. settings]);

    private static async Task<(RawClient Client, List<uint> Slots)> ComeAsync(Scene scene, int user, Welcome? before = null)
    {
        (RawClient Client, List<uint> Slots) came = await Comers.ComeAsync(
            scene.Server.Tcp, TestTokens.For(scene.Server, (ulong)user), before?.ResumeToken);
        scene.Keep(came.Client);
        // It stays alive by itself.
        await Watcher.StartAsync(came.Client, [(ulong)user]);
        return came;
    }

    private static Task<HttpResponseMessage> OpenAsync(HttpClient http, Scene scene, int user)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, "/users/presence?device=tab")
        {
            Content = new StringContent("""{"presence":"online"}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.For(scene.Server, (ulong)user));
        request.Headers.Accept.ParseAdd("text/event-stream");
        return http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    // Whoever was told once was let in at that slot; in any second there are no more of those slots than the rate.
    private static void AssertPaced(IEnumerable<List<uint>> slots)
    {
        List<uint>[] told = [.. slots.Where(static one => one.Count > 0)];
        Assert.NotEmpty(told);
        Assert.All(told, static one => Assert.True(one.Count == 1, string.Join(", ", one.Select(static slot => slot.ToString(CultureInfo.InvariantCulture)))));
    }
}
