using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>What an operator is told, on the shard's thread and in bounded steps.</summary>
public class InspectionTests
{
    [Fact]
    public void A_search_looks_at_a_slice_a_message_and_finds_what_is_behind_it()
    {
        using var world = new World();
        for (ulong userId = 1; userId <= SessionSearch.Slice; userId++)
        {
            world.Shards[0].Inbox.TryPostLiveness(new FakeLease(userId, 900, Status.Online));
            if (userId % 8_192 == 0)
            {
                world.Settle();
            }
        }

        FakeConnection last = world.Connect(SessionSearch.Slice + 1);
        SessionSearchResult first = Search(world, last.Welcome!.Value.SessionId, from: 0);
        Assert.Null(first.Device);
        Assert.Equal(SessionSearch.Slice, first.Next);
        SessionSearchResult second = Search(world, last.Welcome.Value.SessionId, first.Next);
        Assert.Equal(last.User, second.UserId);
        Assert.Equal(DeviceState.Live, second.Device!.State);
        Assert.True(second.Next < 0);
    }

    [Fact]
    public void A_session_that_has_ended_is_not_found_in_the_slot_it_left()
    {
        using var world = new World();
        FakeConnection one = world.Connect(1);
        FakeConnection other = world.Connect(1, device: 2);
        ulong[] sessions = [one.Welcome!.Value.SessionId, other.Welcome!.Value.SessionId];
        Assert.All(sessions, session => Assert.Equal(session, Search(world, session, 0).Device!.SessionId));
        one.Goodbye();
        other.Goodbye();
        Assert.All(sessions, session => Assert.Null(Search(world, session, 0).Device));
    }

    [Fact]
    public void Each_change_is_counted_with_those_who_were_told_and_those_who_have_to_read_first()
    {
        using var world = new World(1, new ShardOptions { StatusChanges = 0 });
        FakeConnection device = world.Connect(1);
        FakeConnection slow = world.Watcher(10, 1);
        world.Watcher(11, 1);
        world.Watcher(12, 1);
        device.SetStatus(1, Status.Away);
        slow.IsBlocked = true;
        // What finds it not congested yet is written, and makes it so.
        device.SetStatus(2, Status.Busy);
        device.SetStatus(3, Status.Online);

        WatchersReport? report = null;
        world.Post(1, inbox => inbox.TryPostRead(new WatchersInspection(1, most: 2, answer => report = answer)));
        Assert.Equal((3, 2, 0), (report!.Watchers, report.Named.Count, report.LinksThatWatchAll));
        Assert.Equal([(3, 0), (3, 0), (2, 1)], report.Handed.Select(static count => (count.Sessions, count.Later)));
        Assert.Equal(world.Ask(1).Version, report.Handed[^1].Version);
    }

    [Fact]
    public void A_shard_counts_its_devices_through_all_they_do()
    {
        using var world = new World();
        FakeConnection one = world.Connect(1);
        world.Connect(1, device: 2);
        world.Connect(2);
        world.Lease(3, Status.Online);
        Assert.Equal((4, 3), Counts(world));
        one.Goodbye();
        Assert.Equal((3, 3), Counts(world));
        world.Lease(3, Status.Offline);
        Assert.Equal((2, 2), Counts(world));
        world.Advance(world.Options.SilentAfterMs + 1_000);
        Assert.Equal((0, 0), Counts(world));
    }

    [Fact]
    public void Looking_at_a_user_changes_nothing()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(9, 1);
        world.Connect(1).SetStatus(1, Status.Invisible);
        int told = watcher.Frames.Count;
        UserReport report = Inspect(world, 1)!;
        Assert.True(report.Invisible);
        Assert.Equal((Status.Offline, Status.Online), (report.Visible.Status, report.TrueStatus));
        Assert.Equal(report.Visible.Version, Inspect(world, 1)!.Visible.Version);
        Assert.Null(Inspect(world, 77));
        Assert.Equal(told, watcher.Frames.Count);
        Assert.Equal((2, 2), Counts(world));
    }

    [Fact]
    public void A_user_of_before_the_restart_is_shown_recovering()
    {
        using var before = new World();
        before.Connect(1);
        using World world = before.Restart();
        Assert.Equal(Status.Online, world.Ask(1).Status);
        DeviceReport device = Assert.Single(Inspect(world, 1)!.Devices);
        Assert.Equal(DeviceState.Recovering, device.State);
        Assert.Null(device.SilentForMs);
        Assert.InRange(device.GoneInMs, 1, world.Options.RecoverForMs + TimingWheel.TickMs);
    }

    [Fact]
    public void A_watch_without_a_session_gets_snapshot_and_updates_until_it_is_lost()
    {
        using var world = new World();
        var outside = new FakeConnection(world, 0);
        var watch = new SnapshotOf(outside, [5]);
        world.Post(5, inbox => inbox.TryPostLiveness(watch));
        Assert.Equal(Status.Offline, watch.Status);
        FakeConnection device = world.Connect(5);
        Assert.Equal(Status.Online, outside.StatusOf(5));
        world.Post(5, inbox => inbox.TryPostLost(outside));
        device.Goodbye();
        Assert.Equal(Status.Online, outside.StatusOf(5));
        world.Post(5, inbox => inbox.TryPostLost(device));
        world.AssertEmpty();
    }

    private static SessionSearchResult Search(World world, ulong sessionId, int from)
    {
        SessionSearchResult? found = null;
        world.Post(1, inbox => inbox.TryPostRead(new SessionSearch(sessionId, from, result => found = result)));
        return found!.Value;
    }

    private static UserReport? Inspect(World world, ulong userId)
    {
        int answers = 0;
        UserReport? report = null;
        world.Post(userId, inbox => inbox.TryPostRead(new UserInspection(userId, Answer, () => Assert.Fail("The store answers."))));
        Assert.Equal(1, answers);
        return report;

        void Answer(UserReport? answer) => (report, answers) = (answer, answers + 1);
    }

    private static (int Devices, int Users) Counts(World world)
    {
        ShardReport? report = null;
        world.Post(1, inbox => inbox.TryPostRead(new ShardInspection(answer => report = answer)));
        Assert.Equal(report!.Devices, report.Deadlines);
        return (report.Devices, report.Users);
    }

    private sealed class SnapshotOf(ConnectionPort watcher, ulong[] userIds) : OutsideWatch(watcher, userIds)
    {
        public Status Status { get; private set; }

        protected internal override void Answered(ReadOnlySpan<Protocol.PresenceState> states) => Status = states[0].Status;
    }
}
