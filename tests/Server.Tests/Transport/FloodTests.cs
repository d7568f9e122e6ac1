using System.Net;
using System.Net.Sockets;
using System.Text;
using Presence.Protocol;
using Presence.Server.Tests.Sessions;
using Presence.Server.Tests.Transport.WebSockets;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Transport;

/// <summary>Clients that take more than their share: each runs into its own limit, and the others notice nothing.</summary>
public sealed class FloodTests
{
    private const int Frames = 50;

    [Theory]
    [InlineData("epoll", false)]
    [InlineData("sockets", false)]
    [InlineData("epoll", true)]
    public async Task Who_sends_too_many_frames_is_told_and_closed_and_comes_back_unseen(string transport, bool webSocket)
    {
        await using Scene scene = await Scene.StartAsync(2, $"Presence:Transport={transport}", $"Presence:Limits:FrameRate={Frames}/10m", "Presence:Session:HeartbeatInterval=00:01:00");
        RawClient flooder = webSocket ? await RawClient.ConnectWebSocketAsync(scene.Server.WebSocket) : await RawClient.ConnectAsync(scene.Server.Tcp);
        scene.Keep(flooder);
        Welcome welcome = await flooder.HelloAsync(TestTokens.For(scene.Server, 1));
        Assert.Equal($"{Frames}/10m", welcome.Limits.FrameRate);
        Watcher watcher = await scene.WatchAsync(1);
        await watcher.HasAsync(1, Status.Online);
        for (int i = 0; i <= Frames; i++)
        {
            await flooder.HeartbeatAsync();
        }

        await AssertFloodedAsync(flooder, LimitNames.FrameRate, Frames);
        await using RawClient back = await RawClient.ConnectAsync(scene.Server.Tcp);
        Assert.True((await back.HelloAsync("", change: hello => hello.ResumeToken = welcome.ResumeToken)).Resumed);
        ulong version = watcher.Latest(1).Version;
        await watcher.SyncAsync();
        Assert.Equal((Status.Online, version), (watcher.Latest(1).Status, watcher.Latest(1).Version));
        Assert.DoesNotContain(watcher.All, static entry => entry.HasLastActiveMs);
    }

    [Fact]
    public async Task Who_sends_too_many_bytes_is_told_and_closed()
    {
        await using Scene scene = await Scene.StartAsync(2, "Presence:Limits:ByteRate=70000/10m", "Presence:Limits:PendingRequests=255");
        RawClient flooder = await scene.ConnectAsync(1);
        for (ulong i = 0; i < 12; i++)
        {
            var watch = new Watch { RequestId = i + 1 };
            watch.UserIds.Add(Enumerable.Range(1, 1_000).Select(static user => (ulong)user));
            await flooder.SendAsync(new ClientFrame { Watch = watch });
        }

        await AssertFloodedAsync(flooder, LimitNames.ByteRate, 70_000);
    }

    [Fact]
    public async Task Who_asks_too_much_is_refused_and_stays()
    {
        await using Scene scene = await Scene.StartAsync(2, "Presence:Limits:QueryRate=3/10m");
        RawClient asker = await scene.ConnectAsync(1);
        for (ulong i = 1; i <= 3; i++)
        {
            Assert.Single((await asker.QueryAsync(i, 2)).Entries);
        }

        await asker.SendAsync(new ClientFrame { Query = new Query { RequestId = 4, UserIds = { 2 } } });
        Error error = (await asker.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;
        Assert.Equal((ErrorCode.Limit, LimitNames.QueryRate, 3UL, 4UL), (error.Code, error.Which, error.Allowed, error.RequestId));
        Assert.Single((await asker.WatchAsync(5, 2)).Entries);
    }

    [Fact]
    public async Task Who_watches_the_same_again_and_again_is_refused_and_keeps_its_watches()
    {
        await using Scene scene = await Scene.StartAsync(2, "Presence:Limits:Watches=5", "Presence:Limits:WatchRate=5/10m");
        RawClient watcher = await scene.ConnectAsync(1);
        Assert.Equal(3, (await watcher.WatchAsync(1, 2, 3, 4)).Entries.Count);
        await watcher.SendAsync(new ClientFrame { Watch = new Watch { RequestId = 2, UserIds = { 2, 3, 4 } } });
        Error error = (await watcher.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;
        Assert.Equal((ErrorCode.Limit, LimitNames.WatchRate, 5UL, 2UL), (error.Code, error.Which, error.Allowed, error.RequestId));
        await scene.ConnectAsync(3);
        ServerFrame told = await watcher.ReceiveAsync(ServerFrame.FrameOneofCase.PresenceBatch);
        Assert.Equal((3UL, Status.Online), (told.PresenceBatch.Entries[0].UserId, told.PresenceBatch.Entries[0].Status));
    }

    [Fact]
    public async Task Who_renews_its_token_again_and_again_is_refused_and_stays()
    {
        await using Scene scene = await Scene.StartAsync(2, "Presence:Limits:UserHandshakes=3/10m");
        RawClient client = await scene.ConnectAsync(1);
        for (ulong i = 1; i <= 2; i++)
        {
            await RenewAsync(client, scene, i);
            await client.ReceiveAsync(ServerFrame.FrameOneofCase.Ack);
        }

        await RenewAsync(client, scene, 3);
        Error error = (await client.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;
        Assert.Equal((ErrorCode.Limit, "user_handshakes", 3UL, 3UL), (error.Code, error.Which, error.Allowed, error.RequestId));
        await client.RoundTripAsync();
        await (await scene.ConnectAsync(2)).RoundTripAsync();
    }

    [Fact]
    public async Task A_user_with_ever_new_devices_is_put_off_and_the_devices_that_it_has_come_back()
    {
        await using Scene scene = await Scene.StartAsync(2, "Presence:Limits:UserHandshakes=3/10m");
        RawClient first = await scene.ConnectAsync(1);
        for (int i = 0; i < 2; i++)
        {
            await (await scene.ConnectAsync(1, $"device-{i}")).RoundTripAsync();
        }

        RawClient fourth = await RawClient.ConnectAsync(scene.Server.Tcp);
        scene.Keep(fourth);
        Error error = (await fourth.TryHelloAsync(TestTokens.For(scene.Server, 1), "another")).Error;
        Assert.Equal((ErrorCode.Overloaded, "user_handshakes", 600_000u), (error.Code, error.Which, error.ReconnectAfterMs));
        first.Reset();
        await using RawClient back = await RawClient.ConnectAsync(scene.Server.Tcp);
        Assert.True((await back.HelloAsync("", change: hello => hello.ResumeToken = first.Welcome!.ResumeToken)).Resumed);
        await (await scene.ConnectAsync(2)).RoundTripAsync();
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task An_address_has_its_share_and_no_more(string transport)
    {
        await using Scene scene = await Scene.StartAsync(2, $"Presence:Transport={transport}", "Presence:Limits:AddressConnections=4", "Presence:Session:HeartbeatInterval=00:10:00");
        // The canary may be one of them.
        List<RawClient> own = [];
        while (await TryComeAsync(scene, (ulong)own.Count + 1) is { } client)
        {
            own.Add(client);
            Assert.InRange(own.Count, 1, 4);
        }

        Assert.InRange(own.Count, 3, 4);
        Assert.NotNull(await TryComeAsync(scene, 9, IPAddress.Parse("127.0.0.9")));
        await own[0].DisposeAsync();
        await Scene.UntilAsync(async () => await TryComeAsync(scene, 10) is not null);
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task Of_those_who_only_wait_the_oldest_make_room(string transport)
    {
        await using Scene scene = await Scene.StartAsync(
            2, $"Presence:Transport={transport}", "Presence:Limits:Handshaking=20", "Presence:Session:HandshakeTimeout=00:01:00");
        RawClient[] waiting = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => RawClient.ConnectAsync(scene.Server.Tcp)));
        Array.ForEach(waiting, scene.Keep);
        Task[] ends = [.. waiting.Select(static one => one.TryReceiveAsync())];
        RawClient client = await scene.ConnectAsync(1);
        await client.RoundTripAsync();
        // Who came and who is closed are counted by different threads: a few more or less.
        while (ends.Count(static end => end.IsCompleted) < 38)
        {
            await Task.WhenAny(ends.Where(static end => !end.IsCompleted));
        }

        await (await scene.ConnectAsync(2)).RoundTripAsync();
        Assert.InRange(ends.Count(static end => !end.IsCompleted), 10, 22);
    }

    [Theory]
    [InlineData("epoll", "tcp")]
    [InlineData("sockets", "tcp")]
    [InlineData("epoll", "http")]
    [InlineData("epoll", "tls")]
    public async Task Where_all_connections_are_taken_who_only_waits_makes_room(string transport, string door)
    {
        await using Scene scene = await Scene.StartAsync(
            2, $"Presence:Transport={transport}", "Presence:Listen:Tls=127.0.0.1:0", "Presence:Limits:Connections=20", "Presence:Session:HandshakeTimeout=00:01:00");
        List<RawClient> waiting = [];
        for (int i = 0; i < 30; i++)
        {
            waiting.Add(await RawClient.ConnectAsync(door switch { "http" => scene.Server.Http, "tls" => scene.Server.Tls, _ => scene.Server.Tcp }));
            scene.Keep(waiting[^1]);
        }

        await Scene.UntilAsync(async () => await TryComeAsync(scene, 1) is not null);
    }

    // Whatever it asks: an answer to nobody in particular is no reason to keep a place.
    [Theory]
    [InlineData("")]
    [InlineData("GET /openapi/v1.json HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /users/presence?users=2 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a.b.c\r\n\r\n")]
    public async Task Who_shows_no_token_over_HTTP_is_cut_at_the_deadline_of_a_handshake_and_who_does_stays(string request)
    {
        await using Scene scene = await Scene.StartAsync(2, "Presence:Session:HandshakeTimeout=00:00:02");
        string good = $"GET /users/presence?users=2 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TestTokens.For(scene.Server, 1)}\r\n\r\n";
        await using WireClient known = await WireClient.ConnectAsync(scene.Server.Http);
        await known.SendAsync(Encoding.ASCII.GetBytes(good));
        Assert.StartsWith("HTTP/1.1 200 ", await known.ReadHeadAsync(), StringComparison.Ordinal);
        await using WireClient stranger = await WireClient.ConnectAsync(scene.Server.Http);
        await stranger.SendAsync(Encoding.ASCII.GetBytes(request));
        await stranger.ReadToEndAsync();
        await known.SendAsync(Encoding.ASCII.GetBytes(good.Replace("Host: x", "Host: x\r\nConnection: close", StringComparison.Ordinal)));
        Assert.Contains("HTTP/1.1 200 ", await known.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_frame_is_given_less_room_than_others()
    {
        await using Scene scene = await Scene.StartAsync();
        await using RawClient stranger = await RawClient.ConnectAsync(scene.Server.Tcp);
        ServerFrame first = await stranger.TryHelloAsync(new string('x', 20_000));
        Assert.Equal(ErrorCode.Malformed, first.Error.Code);
    }

    /// <summary>A client that is let in; null when it is turned away at its accept.</summary>
    private static async Task<RawClient?> TryComeAsync(Scene scene, ulong user, IPAddress? from = null)
    {
        try
        {
            RawClient client = await RawClient.ConnectAsync(scene.Server.Tcp, from: from);
            scene.Keep(client);
            await client.HelloAsync(TestTokens.For(scene.Server, user));
            return client;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or SocketException)
        {
            return null;
        }
    }

    private static Task RenewAsync(RawClient client, Scene scene, ulong requestId) =>
        client.SendAsync(new ClientFrame { RefreshToken = new RefreshToken { RequestId = requestId, Token = TestTokens.For(scene.Server, 1) } });

    private static async Task AssertFloodedAsync(RawClient flooder, string which, int allowed)
    {
        Error error = (await flooder.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;
        Assert.Equal((ErrorCode.Limit, which, (ulong)allowed), (error.Code, error.Which, error.Allowed));
        Assert.Equal(CloseCode.Overloaded, (await flooder.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
    }
}
