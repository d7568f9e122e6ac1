using System.Buffers;
using Google.Protobuf;
using Presence.Protocol;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Transport;

/// <summary>Bytes of clients and what becomes of them, whatever serves the socket.</summary>
public class ConformanceTests
{
    public static TheoryData<string> All => Transports.All;

    [Theory]
    [MemberData(nameof(All))]
    public async Task Frames_are_understood_wherever_they_are_split(string transport)
    {
        await using Scene scene = await Transports.StartAsync(transport);
        foreach (int piece in new[] { 1, 2, 3, 7, 64 })
        {
            await using RawClient client = await RawClient.ConnectAsync(scene.Server.Tcp);
            foreach (byte[] bytes in Conversation(scene, user: 2).Chunk(piece))
            {
                await client.SendBytesAsync(bytes);
            }

            await ExpectConversationAsync(client);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task What_is_queued_behind_a_Hello_is_handled_behind_it_on_any_shard(string transport)
    {
        await using Scene scene = await Transports.StartAsync(transport, shards: 4);
        await Task.WhenAll(Enumerable.Range(2, 64).Select(async user =>
        {
            await using RawClient client = await RawClient.ConnectAsync(scene.Server.Tcp);
            await client.SendBytesAsync(Conversation(scene, (ulong)user));
            await ExpectConversationAsync(client);
        }));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_longest_frames_are_read_one_behind_the_other(string transport)
    {
        await using Scene scene = await Transports.StartAsync(transport);
        RawClient client = await scene.ConnectAsync(2);
        // A heartbeat that asks for an answer, and a field that nobody knows.
        byte[] frame = [.. Length(65_536), 0x08, 0x02, 0x92, 0x7D, .. Length(65_536 - 7), .. new byte[65_536 - 7]];
        await client.SendBytesAsync([.. frame, .. frame, .. frame]);
        for (int i = 0; i < 3; i++)
        {
            await client.ReceiveAsync(ServerFrame.FrameOneofCase.HeartbeatAck);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_client_that_does_not_read_for_a_while_gets_every_answer_whole(string transport)
    {
        await using Scene scene = await Transports.StartAsync(transport, shards: 1, Unread.Settings);
        RawClient client = await RawClient.ConnectAsync(scene.Server.Tcp, receiveBuffer: 4_096);
        scene.Keep(client);
        await client.HelloAsync(TestTokens.For(scene.Server, 2));
        await Unread.QueriesAsync(client);
        await client.RoundTripAsync();
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_watcher_that_does_not_read_for_a_while_ends_with_the_right_view(string transport)
    {
        await using Scene scene = await Transports.StartAsync(transport, shards: 2, Unread.Settings);
        RawClient slow = await RawClient.ConnectAsync(scene.Server.Tcp, receiveBuffer: 4_096);
        scene.Keep(slow);
        await slow.HelloAsync(TestTokens.For(scene.Server, 3), change: Scene.Observe);
        await slow.WatchAsync(1, 2);
        RawClient flips = await scene.ConnectAsync(2);
        ulong last = 0;
        for (ulong i = 1; i <= 3_000; i++)
        {
            last = (await flips.SetStatusAsync(i, i % 2 == 0 ? Status.Busy : Status.Away, new string('x', 100))).Version;
        }

        Assert.Equal(Status.Busy, (await slow.UpdateAsync(2, entry => entry.Version == last)).Status);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_reset_in_the_middle_of_a_frame_is_a_lost_connection(string transport)
    {
        await using Scene scene = await Transports.StartAsync(transport);
        Watcher watcher = await scene.WatchAsync(2);
        RawClient client = await scene.ConnectAsync(2);
        await watcher.OnlineAsync(2);
        await client.RoundTripAsync();
        await client.SendBytesAsync([0x20, 0x08]);
        client.Reset();
        await watcher.OfflineAsync(2);
        await (await scene.ConnectAsync(2)).RoundTripAsync();
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_client_that_ends_its_half_is_answered_what_it_asked_before(string transport)
    {
        await using Scene scene = await Transports.StartAsync(transport);
        Watcher watcher = await scene.WatchAsync(2);
        RawClient client = await scene.ConnectAsync(2);
        await watcher.OnlineAsync(2);
        await client.RoundTripAsync();
        client.EndSending();
        Assert.Null(await client.TryReceiveAsync());
        await watcher.OfflineAsync(2);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_client_that_is_told_to_go_and_stays_is_dropped(string transport)
    {
        await using Scene scene = await Transports.StartAsync(transport);
        RawClient client = await scene.ConnectAsync(2);
        await client.SendBytesAsync([0x00]);
        await client.ReceiveAsync(ServerFrame.FrameOneofCase.Error);
        Assert.Equal(CloseCode.Malformed, (await client.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
        // A reset: the bytes of who stays are not waited for.
        await Assert.ThrowsAnyAsync<IOException>(() => client.TryReceiveAsync());
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Clients_that_come_and_go_in_all_ways_leave_nothing_behind(string transport)
    {
        await using Scene scene = await Transports.StartAsync(transport);
        Watcher watcher = await scene.WatchAsync([.. Enumerable.Range(2, 200).Select(static user => (ulong)user)]);
        await ComeAndGoAsync(scene, users: 2);
        int before = scene.Server.Descriptors;
        await ComeAndGoAsync(scene, users: 200);
        await Transports.ReleasedAsync(scene.Server, before);
        for (ulong user = 2; user < 202; user++)
        {
            await watcher.HasAsync(user, Status.Offline);
        }
    }

    // The framework's sockets drop what was not read yet with the first write that fails: there a Goodbye before a reset may be lost, and the hold decides.
    [Theory]
    [InlineData("epoll", "00:05:00")]
    [InlineData("sockets", "00:00:01")]
    public async Task Watchers_that_leave_while_they_are_told_are_gone_and_leave_nothing_behind(string transport, string hold)
    {
        await using Scene scene = await Transports.StartAsync(transport, shards: 2, $"Presence:Session:Hold={hold}");
        ulong[] users = [.. Enumerable.Range(2, 100).Select(static user => (ulong)user)];
        Watcher observer = await scene.WatchAsync(users);
        RawClient[] flippers =
        [
            await scene.ConnectAsync(1_001), await scene.ConnectAsync(1_002), await scene.ConnectAsync(1_003), await scene.ConnectAsync(1_004),
        ];
        int before = scene.Server.Descriptors;
        await LeaveWhileToldAsync(scene, users, flippers);
        foreach (ulong user in users)
        {
            await observer.HasAsync(user, Status.Offline);
        }

        await Transports.ReleasedAsync(scene.Server, before);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_server_stops_while_connections_are_half_open(string transport)
    {
        await using Scene scene = await Transports.StartAsync(transport);
        RawClient live = await scene.ConnectAsync(2);
        RawClient silent = await RawClient.ConnectAsync(scene.Server.Tcp);
        RawClient half = await RawClient.ConnectAsync(scene.Server.Tcp);
        scene.Keep(silent);
        scene.Keep(half);
        await half.SendBytesAsync([0x20, 0x0A]);
        Task<int> stopping = scene.Server.StopAsync();
        Assert.Equal(CloseCode.Draining, (await live.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
        await live.DisposeAsync();
        Assert.Equal(0, await stopping);
    }

    // Hello, a watch, a status and a heartbeat that asks.
    private static byte[] Conversation(Scene scene, ulong user)
    {
        var output = new ArrayBufferWriter<byte>();
        var watch = new Watch { RequestId = 1 };
        watch.UserIds.Add([500_001, 500_002]);
        ClientFrame[] frames =
        [
            new() { Hello = new Hello { ProtocolVersion = 1, Token = TestTokens.For(scene.Server, user), DeviceId = "phone", ClientName = "test" } },
            new() { Watch = watch },
            new() { SetStatus = new SetStatus { RequestId = 2, Status = Status.Busy } },
            new() { Heartbeat = (uint)HeartbeatFlags.WantAck },
        ];
        foreach (ClientFrame frame in frames)
        {
            ClientFrames.Write(output, frame, Framing.LengthPrefix, 1 << 16);
        }

        return output.WrittenSpan.ToArray();
    }

    private static async Task ExpectConversationAsync(RawClient client)
    {
        Assert.Equal(ServerFrame.FrameOneofCase.Welcome, (await client.ReceiveAsync()).FrameCase);
        // Requests go by two lanes, so their answers come in any order.
        ServerFrame.FrameOneofCase[] kinds = [(await client.ReceiveAsync()).FrameCase, (await client.ReceiveAsync()).FrameCase, (await client.ReceiveAsync()).FrameCase];
        Assert.Equal(
            [ServerFrame.FrameOneofCase.PresenceBatch, ServerFrame.FrameOneofCase.Ack, ServerFrame.FrameOneofCase.HeartbeatAck],
            kinds.OrderBy(static kind => kind == ServerFrame.FrameOneofCase.PresenceBatch ? 0 : kind == ServerFrame.FrameOneofCase.Ack ? 1 : 2));
    }

    // With and without a Hello, a Goodbye, a FIN and a reset.
    private static Task ComeAndGoAsync(Scene scene, int users) => Task.WhenAll(Enumerable.Range(2, users).Select(async user =>
    {
        RawClient client = await RawClient.ConnectAsync(scene.Server.Tcp);
        if (user % 4 != 0)
        {
            await client.HelloAsync(TestTokens.For(scene.Server, (ulong)user));
        }

        if (user % 4 == 1)
        {
            await client.SendAsync(new ClientFrame { Goodbye = new Goodbye() });
            Assert.Null(await client.TryReceiveAsync());
        }

        if (user % 4 == 2)
        {
            client.Reset();
        }

        await client.DisposeAsync();
    }));

    // Each says Goodbye and closes over updates it has not read, which resets its connection while more are on their way.
    private static async Task LeaveWhileToldAsync(Scene scene, ulong[] users, RawClient[] flippers)
    {
        List<RawClient> leavers = [];
        foreach (ulong user in users)
        {
            RawClient leaver = await RawClient.ConnectAsync(scene.Server.Tcp);
            await leaver.HelloAsync(TestTokens.For(scene.Server, user));
            await leaver.WatchAsync(1, 1_001, 1_002, 1_003, 1_004);
            leavers.Add(leaver);
        }

        using var done = new CancellationTokenSource();
        Task flipping = Task.WhenAll(flippers.Select(flipper => FlipAsync(flipper, done.Token)));
        await leavers[^1].UpdateAsync(1_001);
        foreach (RawClient leaver in leavers)
        {
            await leaver.SendAsync(new ClientFrame { Goodbye = new Goodbye() });
            await leaver.DisposeAsync();
        }

        await done.CancelAsync();
        await flipping;
    }

    private static async Task FlipAsync(RawClient client, CancellationToken until)
    {
        for (ulong i = 1; !until.IsCancellationRequested; i++)
        {
            await client.SetStatusAsync(i, i % 2 == 0 ? Status.Busy : Status.Away);
        }
    }

    private static byte[] Length(int bytes)
    {
        byte[] varint = new byte[5];
        var output = new CodedOutputStream(varint);
        output.WriteLength(bytes);
        return varint[..(int)output.Position];
    }
}
