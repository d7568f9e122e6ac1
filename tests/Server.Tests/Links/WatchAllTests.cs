using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Links;

/// <summary>What a link is told: every transition, answers to its questions, and what becomes of one that does not read.</summary>
public class WatchAllTests
{
    public static TheoryData<int> Shards => [1, 2];

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_link_that_watches_all_is_told_of_everybody(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        RawGateway listener = await scene.OpenAsync("listener");
        await listener.Client.SendAsync(new ClientFrame { WatchAll = new WatchAll { RequestId = 9 } });
        Assert.Equal(9UL, (await listener.Client.ReceiveAsync(ServerFrame.FrameOneofCase.Ack)).Ack.RequestId);
        listener.KeepUp(LinkScene.BeatEvery);
        RawGateway other = await scene.OpenAsync("other");
        await other.UpAsync(Status.Busy, [.. Users(100)]);
        await other.CompleteAsync();
        var told = new Dictionary<ulong, PresenceEntry>();
        await ReadUntilAsync(listener, told, () => told.Count == 100);
        Assert.All(told.Values, entry => Assert.Equal(Status.Busy, entry.Status));
        RawClient direct = await scene.ConnectAsync(5_000);
        await ReadUntilAsync(listener, told, () => told.ContainsKey(5_000));
        await direct.SendAsync(new ClientFrame { Goodbye = new Goodbye() });
        await other.DownAsync(2);
        await ReadUntilAsync(listener, told, () => told[5_000].Status == Status.Offline && told[2].Status == Status.Offline);
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_link_may_ask(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        RawGateway gateway = await scene.OpenAsync();
        await gateway.UpAsync(Status.Away, 2, 3);
        Watcher watcher = await scene.WatchAsync(2, 3);
        await watcher.HasAsync(2, Status.Away);
        await watcher.HasAsync(3, Status.Away);
        PresenceBatch answer = await gateway.Client.QueryAsync(1, 2, 3, 4);
        Assert.Equal(
            [(2UL, Status.Away), (3UL, Status.Away), (4UL, Status.Offline)],
            answer.Entries.Select(entry => (entry.UserId, entry.Status)).Order());
        await gateway.Client.SendAsync(new ClientFrame { Query = new Query { RequestId = 2, UserIds = { 0 } } });
        Assert.Equal((ErrorCode.InvalidArgument, 2UL), (await gateway.ErrorAsync() is var error ? error.Code : default, error.RequestId));
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_link_that_does_not_read_is_closed_and_its_users_are_held(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards, "Presence:Limits:CongestedFor=00:00:01");
        Watcher watcher = await scene.WatchAsync(1);
        RawClient client = await RawClient.ConnectAsync(scene.Server.Tcp, receiveBuffer: 4_096);
        scene.Keep(client);
        RawGateway slow = await RawGateway.OpenAsync(client, scene.Server, "slow");
        await slow.UpAsync(1);
        await slow.CompleteAsync();
        await client.SendAsync(new ClientFrame { WatchAll = new WatchAll { RequestId = 9 } });
        slow.KeepUp(LinkScene.BeatEvery, 1);
        PresenceEntry online = await watcher.HasAsync(1, Status.Online);
        RawGateway busy = await scene.OpenAsync("busy");
        ulong[] many = [.. Users(50_000)];
        Status[] turns = [Status.Busy, Status.Online];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        Task<PresenceEntry> gone = watcher.HasAsync(1, Status.Offline);
        for (int i = 0; !gone.IsCompleted; i++)
        {
            // All that changes has to be told, until the link's socket is full for as long as is allowed; then nobody beats for user 1.
            patience.Token.ThrowIfCancellationRequested();
            await busy.AckedAsync(await busy.UpAsync(turns[i % 2], many));
            await Task.Delay(LinkScene.BeatEvery / 2);
        }

        Assert.True(LinkScene.Elapsed(await gone) >= Scene.Hold, "The users of a slow link are held.");
        Assert.NotEqual(online.Version, (await gone).Version);
        RawGateway back = await scene.OpenAsync("slow");
        Assert.False(back.Welcome.Resumed);
        await back.BeatAsync(1);
        await watcher.HasAsync(1, Status.Online);
    }

    private static IEnumerable<ulong> Users(int count) => Enumerable.Range(2, count).Select(i => (ulong)i);

    private static async Task ReadUntilAsync(RawGateway gateway, Dictionary<ulong, PresenceEntry> told, Func<bool> done)
    {
        while (!done())
        {
            PresenceBatch batch = (await gateway.Client.ReceiveAsync(ServerFrame.FrameOneofCase.PresenceBatch)).PresenceBatch;
            foreach (PresenceEntry entry in batch.Entries)
            {
                Assert.True(!told.TryGetValue(entry.UserId, out PresenceEntry? before) || before.Version < entry.Version, "Versions rise.");
                told[entry.UserId] = entry;
            }
        }
    }
}
