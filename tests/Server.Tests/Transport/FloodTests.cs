using System.Net;
using System.Net.Sockets;
using Presence.Protocol;
using Presence.Server.Tests.Sessions;
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
        await using Scene scene = await Scene.StartAsync(2, $"Presence:Transport={transport}", $"Presence:Limits:FrameRate={Frames}/10m");
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

    [Theory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task An_address_has_its_share_and_no_more(string transport)
    {
        await using Scene scene = await Scene.StartAsync(2, $"Presence:Transport={transport}", "Presence:Limits:AddressConnections=4");
        // The canary is one of them.
        List<Socket> own = [];
        while (await IsServedAsync(scene.Server.Tcp, IPAddress.Loopback, own))
        {
            Assert.InRange(own.Count, 1, 4);
        }

        List<Socket> others = [];
        Assert.True(await IsServedAsync(scene.Server.Tcp, IPAddress.Parse("127.0.0.9"), others));
        own[0].Dispose();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await IsServedAsync(scene.Server.Tcp, IPAddress.Loopback, own))
        {
            patience.Token.ThrowIfCancellationRequested();
        }

        own.Concat(others).ToList().ForEach(static socket => socket.Dispose());
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
        RawClient client = await scene.ConnectAsync(1);
        await client.RoundTripAsync();
        int closed = 0;
        foreach (RawClient one in waiting)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
            try
            {
                ServerFrame? frame = await one.TryReceiveAsync(patience.Token);
                closed += frame is null or { Error.Code: ErrorCode.Unauthenticated } ? 1 : 0;
            }
            catch (OperationCanceledException)
            {
                // It waits still.
            }
        }

        Assert.InRange(closed, 35, 60);
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task Where_all_connections_are_taken_who_only_waits_makes_room(string transport)
    {
        await using Scene scene = await Scene.StartAsync(
            2, $"Presence:Transport={transport}", "Presence:Limits:Connections=20", "Presence:Session:HandshakeTimeout=00:01:00");
        List<RawClient> waiting = [];
        for (int i = 0; i < 30; i++)
        {
            waiting.Add(await RawClient.ConnectAsync(scene.Server.Tcp));
            scene.Keep(waiting[^1]);
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await TryComeAsync(scene))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
        }
    }

    [Fact]
    public async Task A_first_frame_is_given_less_room_than_others()
    {
        await using Scene scene = await Scene.StartAsync();
        await using RawClient stranger = await RawClient.ConnectAsync(scene.Server.Tcp);
        ServerFrame first = await stranger.TryHelloAsync(new string('x', 20_000));
        Assert.Equal(ErrorCode.Malformed, first.Error.Code);
    }

    private static async Task<bool> TryComeAsync(Scene scene)
    {
        try
        {
            await using RawClient client = await RawClient.ConnectAsync(scene.Server.Tcp);
            await client.HelloAsync(TestTokens.For(scene.Server, 1));
            return true;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or SocketException)
        {
            // Turned away, as all are taken.
            return false;
        }
    }

    private static async Task AssertFloodedAsync(RawClient flooder, string which, int allowed)
    {
        Error error = (await flooder.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;
        Assert.Equal((ErrorCode.Limit, which, (ulong)allowed), (error.Code, error.Which, error.Allowed));
        Assert.Equal(CloseCode.Overloaded, (await flooder.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
    }

    // Who is turned away at the accept is closed without a word; who is not waits for its Hello.
    private static async Task<bool> IsServedAsync(IPEndPoint server, IPAddress from, List<Socket> kept)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(from, 0));
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        try
        {
            await socket.ConnectAsync(server, TestContext.Current.CancellationToken);
            await socket.ReceiveAsync(new byte[1], patience.Token);
            socket.Dispose();
            return false;
        }
        catch (OperationCanceledException)
        {
            kept.Add(socket);
            return true;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return false;
        }
    }
}
