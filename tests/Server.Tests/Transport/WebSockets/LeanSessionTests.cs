using Presence.Client;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Transport.WebSockets;

/// <summary>Sessions on the listener for WebSocket alone: how they end, what slow readers get, and that the SDK finds nothing different.</summary>
public sealed class LeanSessionTests
{
    public static TheoryData<string> All => Transports.All;

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_client_that_ends_its_half_or_resets_is_a_lost_connection(string transport)
    {
        await using Scene scene = await Transports.StartAsync(transport);
        Watcher watcher = await scene.WatchAsync(2, 3);
        await using WireClient ends = await WireClient.EnterAsync(scene.Server, 2);
        WireClient resets = await WireClient.EnterAsync(scene.Server, 3);
        await watcher.HasAsync(2, Status.Online);
        await watcher.HasAsync(3, Status.Online);
        await ends.SendAsync(Wire.BeatMessage()[..9]);
        ends.EndSending();
        await resets.SendAsync(Wire.BeatMessage()[..9]);
        resets.Reset();
        await ends.ExpectAsync("end");
        await watcher.HasAsync(2, Status.Offline);
        await watcher.HasAsync(3, Status.Offline);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_close_without_Goodbye_is_a_lost_connection_and_a_Goodbye_is_none(string transport)
    {
        await using Scene scene = await Transports.StartAsync(transport);
        Watcher watcher = await scene.WatchAsync(2, 3);
        await using WireClient closes = await WireClient.EnterAsync(scene.Server, 2);
        await using WireClient leaves = await WireClient.EnterAsync(scene.Server, 3);
        await watcher.HasAsync(2, Status.Online);
        await watcher.HasAsync(3, Status.Online);
        await closes.SendAsync(Wire.Close(1001));
        await closes.ExpectAsync("Close 1001", "end");
        await leaves.SendAsync(Wire.Message(new ClientFrame { Goodbye = new Goodbye() }));
        await leaves.ExpectAsync("Close 1000");
        await leaves.SendAsync(Wire.Close(1000));
        await leaves.ExpectAsync("end");
        PresenceEntry gone = await watcher.OfflineAsync(3);
        // Held: the one that did not say so goes later than the one that did.
        Assert.True((await watcher.OfflineAsync(2)).Version > gone.Version);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_length_that_no_message_can_have_is_refused_by_its_header(string transport)
    {
        await using Scene scene = await Transports.StartAsync(transport);
        await using WireClient client = await WireClient.EnterAsync(scene.Server, 2);
        await client.SendAsync([0x82, 0xFF, 0x7F, .. Enumerable.Repeat((byte)0xFF, 7), 1, 2, 3, 4, .. new byte[100_000]]);
        await client.ExpectAsync("Error Malformed", "GoAway Malformed", "Close 4504");
        client.EndSending();
        await client.ExpectAsync("end");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Pings_that_are_not_read_stop_the_reading_and_are_all_answered(string transport)
    {
        const int Pings = 40_000;
        await using Scene scene = await Transports.StartAsync(transport, shards: 1, Unread.Settings);
        await using WireClient client = await WireClient.EnterAsync(scene.Server, 2, receiveBuffer: 4_096);
        string payload = new('p', 120);
        Task sending = client.SendAsync([.. Enumerable.Range(0, Pings).SelectMany(i => Wire.Ping($"{payload}{i}"))]);
        for (int i = 0; i < Pings; i++)
        {
            await client.ExpectAsync($"Pong {payload}{i}");
        }

        await sending;
    }

    [Theory]
    [InlineData("ping")]
    [InlineData("pong")]
    [InlineData("fragment")]
    public async Task A_flood_of_what_is_no_message_is_one_of_frames(string kind)
    {
        const int Frames = 50;
        await using Scene scene = await Transports.StartAsync("epoll", shards: 2, $"Presence:Limits:FrameRate={Frames}/10m", "Presence:Session:HeartbeatInterval=00:01:00");
        await using WireClient client = await WireClient.EnterAsync(scene.Server, 2);
        byte[] one = kind switch { "ping" => Wire.Ping(""), "pong" => Wire.Pong(""), _ => Wire.Frame(Wire.Continuation, [], final: false) };
        byte[] first = kind == "fragment" ? Wire.Frame(Wire.Binary, [], final: false) : one;
        await client.SendAsync([.. first, .. Enumerable.Repeat(one, Frames).SelectMany(static bytes => bytes)]);
        string read;
        while ((read = await client.ReadAsync()) == "Pong ")
        {
        }

        Assert.Equal("Error Limit", read);
        await client.ExpectAsync("GoAway Overloaded", "Close 4002");
    }

    // They are no messages: as long as the sum of them is within the limit they cost nothing, and they keep nobody alive.
    [Theory]
    [MemberData(nameof(All))]
    public async Task Frames_and_pings_without_a_message_do_not_keep_a_session_alive(string transport)
    {
        await using Scene scene = await Transports.StartAsync(transport);
        Watcher watcher = await scene.WatchAsync(2);
        await using WireClient client = await WireClient.EnterAsync(scene.Server, 2);
        await client.SendAsync(Wire.Frame(Wire.Binary, [], final: false));
        byte[] empty = [.. Wire.Frame(Wire.Continuation, [], final: false), .. Wire.Pong("")];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Task<PresenceEntry> offline = watcher.OfflineAsync(2);
        while (!offline.IsCompleted)
        {
            Assert.False(patience.IsCancellationRequested, "Kept alive by nothing.");
            await client.SendAsync([.. Enumerable.Repeat(empty, 1_000).SelectMany(static one => one)]);
            await Task.Delay(Scene.Interval / 10);
        }

        await client.ExpectAsync("GoAway HeartbeatTimeout", "Close 4003");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_client_that_does_not_read_for_a_while_gets_every_answer_whole(string transport)
    {
        await using Scene scene = await Transports.StartAsync(transport, shards: 1, Unread.Settings);
        RawClient client = await RawClient.ConnectWebSocketAsync(scene.Server.WebSocket);
        scene.Keep(client);
        await client.HelloAsync(TestTokens.For(scene.Server, 2));
        await Unread.QueriesAsync(client);
        await client.RoundTripAsync();
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Who_does_not_read_finds_the_last_words_behind_what_waited(string transport)
    {
        await using Scene scene = await Transports.StartAsync(transport, shards: 1, Unread.Settings);
        await using WireClient client = await WireClient.EnterAsync(scene.Server, 2, receiveBuffer: 4_096);
        var query = new Query { UserIds = { Enumerable.Range(1_000, 1_000).Select(static id => (ulong)id) } };
        byte[] queries = [.. Enumerable.Range(1, 250).SelectMany(i => Wire.Message(new ClientFrame { Query = new Query(query) { RequestId = (ulong)i } }))];
        RawClient other = await scene.ConnectAsync(3);
        _ = client.SendAsync(queries);
        for (int i = 0; i < 50; i++)
        {
            // Meanwhile the shard answers, until nothing more goes out.
            await other.RoundTripAsync();
        }

        Task<int> stopping = scene.Server.StopAsync();
        await other.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway);
        string frame;
        do
        {
            frame = await client.ReadAsync();
        }
        while (frame is "PresenceBatch");
        Assert.Equal("GoAway Draining", frame);
        await client.ExpectAsync("Close 4000");
        await client.DisposeAsync();
        await other.DisposeAsync();
        Assert.Equal(0, await stopping);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task SIGTERM_tells_the_clients_and_ends_with_0(string transport)
    {
        await using Scene scene = await Transports.StartAsync(transport);
        await using WireClient client = await WireClient.EnterAsync(scene.Server, 2);
        Task<int> stopping = scene.Server.StopAsync();
        await client.ExpectAsync("GoAway Draining", "Close 4000");
        await client.SendAsync(Wire.Close(4000));
        await client.ExpectAsync("end");
        await client.DisposeAsync();
        Assert.Equal(0, await stopping);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_SDK_finds_nothing_different(string transport)
    {
        await using Scene scene = await Transports.StartAsync(transport);
        await using PresenceClient one = Client(scene, 2), other = Client(scene, 3);
        var seen = new TaskCompletionSource<PresenceChange>(TaskCreationOptions.RunContinuationsAsynchronously);
        one.PresenceChanged += (_, change) =>
        {
            if (change.Current.Status == Status.Busy)
            {
                seen.TrySetResult(change);
            }
        };
        await one.ConnectAsync();
        await one.WatchAsync([3]);
        await other.ConnectAsync();
        await other.SetStatusAsync(Status.Busy, "on a WebSocket");
        Assert.Equal(3UL, (await seen.Task.WaitAsync(TimeSpan.FromSeconds(30))).UserId);
    }

    private static PresenceClient Client(Scene scene, ulong user) => new(new PresenceClientOptions
    {
        Endpoints = [new Uri($"ws://{scene.Server.WebSocket}")],
        TokenProvider = _ => ValueTask.FromResult(TestTokens.For(scene.Server, user)),
        DeviceId = "sdk",
    });
}
