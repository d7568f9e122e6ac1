using System.Globalization;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Sessions;

/// <summary>No gaps, newest wins (P1, P2), and slow readers (P8).</summary>
public class WatchingTests
{
    public static TheoryData<int> Shards => [1, 4];

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_watch_in_the_middle_of_a_thousand_flips_misses_nothing(int shards)
    {
        const int Flips = 1_000;
        await using Scene scene = await Scene.StartAsync(shards);
        RawClient friend = await scene.ConnectAsync(2);
        Task<ulong> flipping = FlipAsync(friend, Flips);
        Watcher[] watchers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => scene.WatchAsync(2)));
        ulong last = await flipping;
        foreach (Watcher watcher in watchers)
        {
            if (watcher.Latest(2).Version != last)
            {
                await watcher.NextAsync(2, entry => entry.Version == last);
            }

            Assert.Equal(Status.Away, watcher.Latest(2).Status);
            ulong[] versions = [.. watcher.All.Where(entry => entry.UserId == 2).Select(entry => entry.Version)];
            Assert.Equal(versions.Order(), versions);
        }
    }

    [Fact]
    public async Task A_client_that_holds_the_version_is_told_nothing()
    {
        await using Scene scene = await Scene.StartAsync();
        RawClient friend = await scene.ConnectAsync(2);
        Ack ack = await friend.SetStatusAsync(1, Status.Busy);
        RawClient reader = await scene.ConnectAsync(7);
        var watch = new Watch { RequestId = 3, UserIds = { 2, 3 }, Versions = { ack.Version, 0 } };
        await reader.SendAsync(new ClientFrame { Watch = watch });
        PresenceBatch answer = await reader.ReceiveBatchAsync(batch => batch.RequestId == 3);
        PresenceEntry unknown = Assert.Single(answer.Entries);
        Assert.Equal((3UL, 0UL, Status.Offline, false), (unknown.UserId, unknown.Version, unknown.Status, unknown.HasLastActiveMs));
        Assert.True(answer.Snapshot);
        Assert.False(answer.More);
    }

    [Fact]
    public async Task A_version_from_the_future_is_reset()
    {
        await using Scene scene = await Scene.StartAsync();
        RawClient friend = await scene.ConnectAsync(2);
        Ack ack = await friend.SetStatusAsync(1, Status.Busy);
        RawClient reader = await scene.ConnectAsync(7);
        ulong future = (ulong)DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds() << 16;
        await reader.SendAsync(new ClientFrame { Watch = new Watch { RequestId = 3, UserIds = { 2 }, Versions = { future } } });
        PresenceEntry entry = (await reader.ReceiveBatchAsync(batch => batch.RequestId == 3)).Entries.Single();
        Assert.True(entry.Reset);
        Assert.Equal(ack.Version, entry.Version);
    }

    [Fact]
    public async Task Unwatch_ends_the_updates()
    {
        await using Scene scene = await Scene.StartAsync();
        RawClient friend = await scene.ConnectAsync(2);
        RawClient reader = await scene.ConnectAsync(7);
        await reader.WatchAsync(1, 2);
        await reader.SendAsync(new ClientFrame { Unwatch = new Unwatch { RequestId = 2, UserIds = { 2 } } });
        await reader.ReceiveAsync(ServerFrame.FrameOneofCase.Ack);
        await friend.SetStatusAsync(1, Status.Busy);
        List<ServerFrame> frames = [.. await reader.RoundTripAsync(), .. await reader.RoundTripAsync()];
        Assert.DoesNotContain(frames, frame => frame.FrameCase == ServerFrame.FrameOneofCase.PresenceBatch);
        Assert.Equal(Status.Busy, (await reader.QueryAsync(3, 2)).Entries.Single().Status);
    }

    [Fact]
    public async Task A_watcher_that_does_not_read_ends_with_the_right_view_and_costs_no_memory()
    {
        const int Friends = 50;
        const int Rounds = 2_400;
        ulong[] ids = [.. Enumerable.Range(1, Friends).Select(i => (ulong)i)];
        await using Scene scene = await Scene.StartAsync(2, "Presence:Limits:CongestedFor=00:05:00", "Presence:Session:HeartbeatInterval=00:10:00");
        RawClient[] friends = await Task.WhenAll(Enumerable.Range(1, Friends).Select(i => scene.ConnectAsync((ulong)i)));
        RawClient lazy = await RawClient.ConnectAsync(scene.Server.Tcp, receiveBuffer: 4_096);
        scene.Keep(lazy);
        await lazy.HelloAsync(TestTokens.For(scene.Server, 900), "lazy", hello => hello.InitialStatus = Status.Offline);

        // Half the load once before with a reader that reads: what the process needs for the work itself is taken by then.
        await scene.WatchAsync(ids);
        await Task.WhenAll(friends.Select(friend => ChatterAsync(friend, Rounds / 2, "warm")));
        long before = scene.Server.ResidentKilobytes;
        await lazy.WatchAsync(1, ids);
        ulong[] last = await Task.WhenAll(friends.Select(friend => ChatterAsync(friend, Rounds, "on")));
        long grown = scene.Server.ResidentKilobytes - before;

        // What was not read is at least 16 MB of updates; the server may keep its buffer and one entry a friend, and garbage until it collects.
        Assert.True(grown < 12_000, $"The server grew by {grown} KB for a reader that does not read.");
        var view = new Dictionary<ulong, ulong>();
        while (Enumerable.Range(1, Friends).Any(i => view.GetValueOrDefault((ulong)i) != last[i - 1]))
        {
            foreach (PresenceEntry entry in (await lazy.ReceiveAsync(ServerFrame.FrameOneofCase.PresenceBatch)).PresenceBatch.Entries)
            {
                Assert.True(entry.Version >= view.GetValueOrDefault(entry.UserId), "A version went backwards.");
                view[entry.UserId] = entry.Version;
            }
        }
    }

    [Fact]
    public async Task A_watcher_that_never_reads_is_told_to_leave()
    {
        await using Scene scene = await Scene.StartAsync(2, "Presence:Limits:CongestedFor=00:00:00.5", "Presence:Session:HeartbeatInterval=00:01:00");
        RawClient[] friends = await Task.WhenAll(Enumerable.Range(1, 20).Select(i => scene.ConnectAsync((ulong)i)));
        RawClient lazy = await RawClient.ConnectAsync(scene.Server.Tcp, receiveBuffer: 4_096);
        scene.Keep(lazy);
        await lazy.HelloAsync(TestTokens.For(scene.Server, 900), "lazy");
        await lazy.WatchAsync(1, [.. Enumerable.Range(1, 20).Select(i => (ulong)i)]);
        Watcher other = await scene.WatchAsync(900);
        using var enough = new CancellationTokenSource();
        Task chatter = Task.WhenAll(friends.Select(friend => ChatterAsync(friend, int.MaxValue, "on", enough.Token)));
        // Its session is held when it is closed, and the hold ends: somebody else sees it go.
        await other.OfflineAsync(900);
        await enough.CancelAsync();
        await chatter;
    }

    private static async Task<ulong> FlipAsync(RawClient friend, int flips)
    {
        ulong version = 0;
        for (ulong i = 1; i <= (ulong)flips; i++)
        {
            version = (await friend.SetStatusAsync(i, i % 2 == 0 ? Status.Away : Status.Busy)).Version;
        }

        return version;
    }

    // Flips with a long text, each acknowledged before the next: none is coalesced with another before it reaches the watchers' connections.
    private static async Task<ulong> ChatterAsync(RawClient friend, int flips, string word, CancellationToken enough = default)
    {
        ulong version = 0;
        for (int i = 1; i <= flips && !enough.IsCancellationRequested; i++)
        {
            version = (await friend.SetStatusAsync((ulong)i, i % 2 == 0 ? Status.Busy : Status.Online, Text(word, i))).Version;
        }

        return version;
    }

    private static string Text(string word, int i) => string.Create(CultureInfo.InvariantCulture, $"{word} {i} ").PadRight(128, '.');
}
