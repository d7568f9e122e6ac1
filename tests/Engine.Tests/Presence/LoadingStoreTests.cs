using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>
/// The node serves while its store loads: of a user whose record is not there yet nobody is told anything but UNKNOWN, and everybody the truth as soon as it is.
/// </summary>
public sealed class LoadingStoreTests
{
    private const ulong User = 1;
    private const ulong Watcher = 2;
    private const ulong Stranger = 9;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Who_is_not_loaded_is_unknown_as_of_the_last_sign_of_life_and_corrected_by_an_update(int shards)
    {
        using World world = Restarted(shards, before => before.Connect(User).Goodbye(), out PresenceState left);
        FakeConnection watcher = world.Watcher(Watcher, User, Stranger);
        Assert.Equal((Status.Unknown, (ulong)world.Store.LastWatermarkMs), (watcher.StatusOf(User), watcher.Of(User).AsOfMs));
        Assert.Equal(PresenceState.Unknown(User, world.Store.LastWatermarkMs), world.Ask(User));
        watcher.Query(7, User);
        Assert.Equal(Status.Unknown, Assert.Single(watcher.AnswerTo(7)!).Status);

        Load(world, User);
        PresenceEntry entry = Assert.Single(Assert.Single(watcher.Updates).Entries);
        Assert.Equal((left.Version, Status.Offline, (ulong)left.LastActiveMs), (entry.Version, entry.Status, entry.LastActiveMs));
        Assert.Equal(left, world.Ask(User));
        Assert.Equal(Status.Unknown, watcher.StatusOf(Stranger));

        Load(world, Stranger);
        Assert.Equal((Status.Offline, 0UL), (watcher.StatusOf(Stranger), watcher.VersionOf(Stranger)));
        Assert.Equal(2, watcher.Updates.Count());
    }

    [Fact]
    public void An_answer_that_was_on_its_way_while_the_user_was_loaded_leaves_no_gap()
    {
        using World world = Restarted(2, before => before.Connect(User).Goodbye(), out PresenceState left);
        ulong watcherId = Elsewhere(world, User);
        FakeConnection watcher = world.Connect(watcherId, status: Status.Offline);
        int edge = world.Topology.EdgeOf(watcherId), home = world.Topology.EdgeOf(User);
        world.IsPaused = true;
        watcher.Watch(1, [User]);
        world.TurnOf(edge);
        world.TurnOf(home);
        world.Store.Load(User);
        world.TurnOf(home);
        world.IsPaused = false;
        world.Settle();
        Assert.Equal((Status.Offline, left.Version), (watcher.StatusOf(User), watcher.VersionOf(User)));
    }

    [Fact]
    public void A_device_that_comes_meanwhile_is_welcome_at_once_and_seen_when_the_record_is_there()
    {
        using World world = Restarted(2, before => before.Connect(User).Goodbye(), out PresenceState left);
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        device.SetStatus(1, Status.Busy);
        Assert.NotNull(device.Welcome);
        Assert.False(device.IsAcked(1));
        Assert.Equal(Status.Unknown, world.Ask(User).Status);
        Assert.Empty(watcher.Updates);

        Load(world, User);
        Assert.Equal(Status.Busy, watcher.StatusOf(User));
        Assert.True(watcher.VersionOf(User) > left.Version);
        Assert.Equal(watcher.VersionOf(User), device.AckOf(1));
    }

    [Fact]
    public void Who_is_invisible_is_not_seen_to_come_back()
    {
        using World world = Restarted(2, before => before.Connect(User).SetStatus(1, Status.Invisible), out PresenceState hidden);
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        world.Advance(2_000);
        Assert.Equal(Status.Unknown, watcher.StatusOf(User));

        Load(world, User);
        world.Advance(2_000);
        PresenceEntry entry = Assert.Single(watcher.Updates.SelectMany(update => update.Entries));
        Assert.Equal((Status.Offline, hidden.Version, (ulong)hidden.LastActiveMs), (entry.Status, entry.Version, entry.LastActiveMs));
        Assert.Equal(Status.Invisible, world.AskSelf(User).Status);
        Assert.Null(device.ClosedWith);
    }

    [Fact]
    public void Who_came_and_left_meanwhile_was_last_active_then()
    {
        using World world = Restarted(1, before => before.Connect(User).Goodbye(), out PresenceState left);
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        world.Advance(3_000);
        long leftMs = world.WallMs;
        device.Goodbye();
        world.Advance(1_000);
        Load(world, User);
        Assert.Equal((Status.Offline, (ulong)leftMs), (watcher.StatusOf(User), watcher.Of(User).LastActiveMs));
        Assert.True(watcher.VersionOf(User) > left.Version);
    }

    [Fact]
    public void Who_was_online_is_shown_as_before_when_the_record_comes_in_time()
    {
        using World world = Restarted(2, before => before.Connect(User), out PresenceState online);
        FakeConnection watcher = world.Watcher(Watcher, User);
        world.Advance(20_000);
        watcher.Beat();
        Load(world, User);
        Assert.Equal((Status.Online, online.Version), (watcher.StatusOf(User), watcher.VersionOf(User)));
        world.Advance(world.Options.RecoverForMs - 20_000);
        world.Advance(TimingWheel.TickMs);
        Assert.Equal((Status.Offline, (ulong)world.Store.LastWatermarkMs), (watcher.StatusOf(User), watcher.Of(User).LastActiveMs));
    }

    [Fact]
    public void Who_was_online_is_offline_when_the_record_comes_after_the_time_to_recover()
    {
        using World world = Restarted(2, before => before.Connect(User), out PresenceState online);
        FakeConnection watcher = world.Watcher(Watcher, User);
        AdvancePastRecovery(world, watcher);
        Assert.Equal(Status.Unknown, watcher.StatusOf(User));
        Load(world, User);
        Assert.Equal((Status.Offline, (ulong)world.Store.LastWatermarkMs), (watcher.StatusOf(User), watcher.Of(User).LastActiveMs));
        Assert.True(watcher.VersionOf(User) > online.Version);
    }

    [Fact]
    public void Who_came_back_in_time_never_left_however_late_the_record_is()
    {
        using World world = Restarted(2, before => before.Connect(User), out PresenceState online);
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        AdvancePastRecovery(world, watcher, device);
        Load(world, User);
        Assert.Equal((Status.Online, online.Version), (watcher.StatusOf(User), watcher.VersionOf(User)));
        Assert.Single(watcher.Updates);
    }

    [Fact]
    public void Who_is_named_by_a_link_in_time_goes_on_as_before_however_late_the_record_is()
    {
        using World world = Restarted(2, before => before.Connect(User, status: Status.Busy, kind: DeviceKinds.Mobile), out PresenceState busy);
        FakeConnection watcher = world.Watcher(Watcher, User);
        var link = new FakeLink(world);
        link.Begin();
        link.Beat(User);
        link.Complete();
        for (int i = 0; i < 4; i++)
        {
            world.Advance(20_000);
            link.Beat(User);
            watcher.Beat();
        }

        Load(world, User);
        Assert.Equal(busy, world.Ask(User));
        Assert.Equal((Status.Busy, busy.Version), (watcher.StatusOf(User), watcher.VersionOf(User)));
    }

    [Fact]
    public void A_version_that_a_crash_has_lost_is_forgotten_by_who_holds_it()
    {
        using World world = Restarted(2, before => before.Connect(User).Goodbye(), out PresenceState left);
        FakeConnection watcher = world.Connect(Watcher, status: Status.Offline);
        watcher.Watch(1, [User], left.Version + 5);
        Assert.Equal(Status.Unknown, Assert.Single(watcher.AnswerTo(1)!).Status);
        Load(world, User);
        PresenceEntry entry = Assert.Single(Assert.Single(watcher.Updates).Entries);
        Assert.True(entry.Reset);
        Assert.Equal((left.Version, Status.Offline), (entry.Version, entry.Status));

        world.Connect(User);
        Assert.False(watcher.Of(User).Reset);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
    }

    [Fact]
    public void Many_are_told_over_several_turns_and_nobody_is_left_out()
    {
        using var world = new World(2);
        ulong[] users = [.. Enumerable.Range(100, 10_000).Select(user => (ulong)user)];
        world.Store.Unload(users);
        FakeConnection[] watchers = [.. Enumerable.Range(0, 10).Select(i => world.Watcher(50 + (ulong)i, [.. users.Skip(i * 1_000).Take(1_000)]))];
        FakeConnection[] devices = [.. users.Take(9_000).Select(user => world.Connect(user))];
        Assert.All(watchers, watcher => Assert.All(watcher.AnswerTo(1)!, entry => Assert.Equal(Status.Unknown, entry.Status)));

        Array.ForEach(users, world.Store.Load);
        world.Settle();
        for (int i = 0; i < watchers.Length; i++)
        {
            Status expected = i < 9 ? Status.Online : Status.Offline;
            Assert.All(users.Skip(i * 1_000).Take(1_000), user => Assert.Equal(expected, watchers[i].StatusOf(user)));
        }

        Assert.All(world.Shards, shard => Assert.Equal((0, 0), (shard.Home.Loading, shard.WatchIndex.Unheard)));
    }

    [Fact]
    public void Who_is_watched_no_more_is_asked_about_no_more()
    {
        using World world = Restarted(1, before => before.Connect(User).Goodbye(), out _);
        FakeConnection watcher = world.Watcher(Watcher, User);
        watcher.Unwatch(2, User);
        Assert.Equal(0, world.Shards[0].WatchIndex.Unheard);
        Load(world, User);
        Assert.Empty(watcher.Updates);
    }

    [Fact]
    public void A_status_over_http_that_ends_nothing_is_answered_with_unknown()
    {
        using World world = Restarted(1, before => before.Connect(User).Goodbye(), out _);
        FakeLease lease = world.Lease(User, Status.Offline);
        Assert.Equal(Status.Unknown, lease.Answer!.Value.Status);
    }

    [Fact]
    public void A_stop_waits_until_everybody_is_known()
    {
        using World world = Restarted(1, before => before.Connect(User).Goodbye(), out PresenceState left);
        world.Connect(User);
        bool known = false;
        world.Post(User, inbox => inbox.TryPostLiveness(new EverybodyKnown(() => known = true)));
        world.Advance(1_000);
        Assert.False(known);
        Load(world, User);
        Assert.True(known);
        Array.ForEach(world.Shards, shard => shard.SaveAll());
        Assert.Equal((byte)Status.Online, world.Store[User].Status);
        Assert.True(world.Store[User].Version > left.Version);
    }

    private static World Restarted(int shards, Action<World> before, out PresenceState shown)
    {
        using var world = new World(shards);
        before(world);
        world.Advance(2_000);
        shown = world.Ask(User);
        World restarted = world.Restart(afterMs: 3_000);
        restarted.Store.Unload(User, Stranger);
        return restarted;
    }

    private static void Load(World world, ulong user)
    {
        world.Store.Load(user);
        world.Settle();
    }

    private static void AdvancePastRecovery(World world, params FakeConnection[] beating)
    {
        for (long left = world.Options.RecoverForMs + 1_000; left > 0; left -= 20_000)
        {
            world.Advance(Math.Min(left, 20_000));
            Array.ForEach(beating, connection => connection.Beat());
        }
    }

    private static ulong Elsewhere(World world, ulong user)
    {
        ulong other = 100;
        while (world.Topology.EdgeOf(other) == world.Topology.EdgeOf(user))
        {
            other++;
        }

        return other;
    }
}
