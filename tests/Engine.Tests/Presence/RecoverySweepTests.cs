using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Who was online before a restart, does not come back and is asked about by nobody goes OFFLINE all the same.</summary>
public sealed class RecoverySweepTests
{
    private static readonly ulong[] _users = [.. Enumerable.Range(1, 300).Select(user => (ulong)user)];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void They_are_recorded_and_told_once_as_of_the_watermark(int shards)
    {
        using World world = Killed(_users, out PresenceState[] before, shards);
        FakeConnection all = WatchAll(world);
        world.Advance(world.Options.RecoverForMs - 1);
        Assert.All(_users, user => Assert.Equal((byte)Status.Online, world.Store[user].Status));
        Assert.Empty(all.Updates);

        world.Advance(1 + TimingWheel.TickMs);
        PresenceEntry[] told = [.. all.Updates.SelectMany(batch => batch.Entries)];
        Assert.Equal(_users, told.Select(entry => entry.UserId).Order());
        Assert.All(told, entry => Assert.Equal((Status.Offline, (ulong)world.Store.LastWatermarkMs), (entry.Status, entry.LastActiveMs)));
        Assert.All(before, state => Assert.True(all.VersionOf(state.UserId) > state.Version));
        Assert.All(told, entry => AssertIsRecorded(world, entry));
        Assert.Equal(1, world.Shards.Sum(shard => shard.Users.Count + shard.Connections.Count));
        Assert.Equal(_users.Length, world.Shards.Sum(shard => shard.Counters.Transitions[(int)TransitionCause.RecoveringOver]));
    }

    [Fact]
    public void Another_restart_finds_them_offline()
    {
        using World world = Killed(_users, out _);
        PassRecovery(world);
        PresenceState[] gone = world.AskAll(_users);
        using World next = world.Restart(afterMs: 1_000);
        Assert.Equal(gone, next.AskAll(_users));
        PassRecovery(next);
        Assert.Empty(next.Journal.Entries);
    }

    [Fact]
    public void Who_is_back_is_left_alone()
    {
        using World world = Killed(_users, out PresenceState[] before);
        FakeConnection device = world.Connect(1, kind: DeviceKinds.Mobile);
        world.Connect(2, status: Status.Offline);
        var link = new FakeLink(world);
        link.Begin();
        link.Beat(3);
        link.Complete();
        for (int i = 0; i < 4; i++)
        {
            world.Advance(20_000);
            device.Beat();
            link.Beat(3);
        }

        Assert.Equal(before[0], world.Ask(1));
        Assert.Equal(before[2], world.Ask(3));
        Assert.Single(world.Journal.Entries, entry => entry.User.UserId == 2);
        Assert.All(world.AskAll(_users[3..]), state => Assert.Equal(Status.Offline, state.Status));
    }

    [Fact]
    public void Nothing_is_said_of_who_was_offline_invisible_or_never_seen()
    {
        using var first = new World(2);
        first.Connect(1).SetStatus(1, Status.Invisible);
        first.Connect(2).Goodbye();
        first.Connect(3, hidden: true);
        first.Advance(2_000);
        UserRecord[] before = [first.Store[1], first.Store[2], first.Store[3]];
        PresenceState[] shown = first.AskAll(1, 2, 3);
        using World world = first.Restart(afterMs: 3_000);
        PassRecovery(world);
        Assert.Equal(before, new[] { world.Store[1], world.Store[2], world.Store[3] });
        Assert.Empty(world.Journal.Entries);
        Assert.Equal(shown, world.AskAll(1, 2, 3));
    }

    [Fact]
    public void A_link_that_names_its_set_is_waited_for()
    {
        using World world = Killed(_users, out PresenceState[] before);
        var link = new FakeLink(world);
        link.Begin();
        link.Beat(_users[..100]);
        PassRecovery(world);
        Assert.Empty(world.Journal.Entries);
        link.Beat(_users[100..200]);
        link.Complete();
        world.Advance(TimingWheel.TickMs);
        Assert.Equal(_users[200..], world.Journal.Entries.Select(entry => entry.User.UserId).Order());
        Assert.Equal(before[..200], world.AskAll(_users[..200]));
    }

    [Fact]
    public void The_node_has_to_accept_first()
    {
        using var first = new World();
        first.Connect(1);
        first.Advance(2_000);
        first.Store.LastWatermarkMs = first.WallMs;
        using var world = new World(store: first.Store, wallMs: first.WallMs + 1_000, accepts: false);
        PassRecovery(world);
        Assert.Empty(world.Journal.Entries);
        world.Shards[0].BeginAccepting();
        world.Advance(world.Options.RecoverForMs - 1);
        Assert.Empty(world.Journal.Entries);
        world.Advance(1 + TimingWheel.TickMs);
        Assert.Single(world.Journal.Entries);
    }

    [Fact]
    public void Users_who_are_loaded_later_go_then()
    {
        using World world = Killed(_users, out _);
        world.Store.Unload(_users[100]);
        PassRecovery(world);
        Assert.NotEqual(_users, world.Journal.Entries.Select(entry => entry.User.UserId).Order());
        world.Store.Load(_users[100]);
        world.Advance(TimingWheel.TickMs);
        Assert.Equal(_users, world.Journal.Entries.Select(entry => entry.User.UserId).Order());
    }

    [Fact]
    public void Who_comes_and_goes_behind_the_walk_was_last_active_then()
    {
        using World world = Killed(_users, out _);
        world.Store.AnswersAtOnce = false;
        PassRecovery(world);
        world.IsPaused = true;
        world.Store.WalkOn();
        // The slice says that they are online; before it is taken one comes and goes.
        FakeConnection device = world.Connect(1);
        Array.ForEach(world.Shards, shard => world.TurnOf(shard.Address.Shard));
        world.Store.AnswerAll();
        device.Goodbye();
        long leftMs = world.WallMs;
        world.IsPaused = false;
        world.Store.AnswersAtOnce = true;
        world.Settle();
        world.Store.AnswerAll();
        world.Advance(1_000);
        Assert.Equal((leftMs, leftMs), (world.Ask(1).LastActiveMs, world.Store[1].LastActiveMs));
        Assert.All(world.AskAll(_users), state => Assert.Equal(Status.Offline, state.Status));
        Assert.Equal(0, world.Shards.Sum(shard => shard.Users.Count));
    }

    [Fact]
    public void Whom_it_has_not_come_to_is_shown_as_recorded_and_comes_back_without_a_transition()
    {
        using World world = Killed(_users, out PresenceState[] before);
        world.Store.AnswersAtOnce = false;
        PassRecovery(world);
        Assert.Equal(before, Recovering(world, _users));
        world.Connect(1, kind: DeviceKinds.Mobile);
        Assert.Equal(before[0], Assert.Single(Recovering(world, 1)));
        world.Store.AnswersAtOnce = true;
        world.Store.AnswerAll();
        world.Advance(1_000);
        Assert.Equal(before[0], world.Ask(1));
        Assert.Equal(_users[1..], world.Journal.Entries.Select(entry => entry.User.UserId).Order());
        Assert.Empty(Recovering(world, 1));
    }

    [Fact]
    public void A_store_that_cannot_look_is_asked_again()
    {
        using World world = Killed(_users, out _);
        world.Store.Fails = true;
        PassRecovery(world);
        Assert.Empty(world.Journal.Entries);
        world.Store.Fails = false;
        world.Advance(1_000);
        Assert.Equal(_users, world.Journal.Entries.Select(entry => entry.User.UserId).Order());
    }

    [Fact]
    public void A_process_that_is_killed_on_the_way_leaves_the_rest_to_the_next()
    {
        using World world = Killed(_users, out _);
        world.Store.PlacesOfSlice = 10;
        world.Store.AnswersAtOnce = false;
        PassRecovery(world);
        for (int slices = 0; slices < 5; slices++)
        {
            world.Store.AnswerAll();
            world.Settle();
            world.Store.AnswerAll();
            world.Settle();
        }

        ulong[] done = [.. world.Journal.Entries.Select(entry => entry.User.UserId)];
        Assert.InRange(done.Length, 1, _users.Length - 1);
        UserRecord[] kept = [.. done.Select(user => world.Store[user])];
        world.Store.AnswersAtOnce = true;
        using World next = world.Restart(afterMs: 1_000);
        PassRecovery(next);
        Assert.Equal(_users.Except(done), next.Journal.Entries.Select(entry => entry.User.UserId).Order());
        Assert.Equal(kept, done.Select(user => next.Store[user]));
    }

    [Fact]
    public void Many_go_over_many_ticks()
    {
        const int Users = (2 * RecoverySweep.UsersPerTick) + 100;
        using World world = Killed([.. Enumerable.Range(1, Users).Select(user => (ulong)user)], out _, shards: 1);
        world.Advance(world.Options.RecoverForMs - TimingWheel.TickMs);
        for (int gone = 0; gone < Users;)
        {
            int before = gone;
            world.Advance(TimingWheel.TickMs);
            gone = world.Journal.Entries.Count();
            Assert.InRange(gone - before, 1, RecoverySweep.UsersPerTick);
        }
    }

    [Fact]
    public void A_stop_ends_it()
    {
        using World world = Killed(_users, out _);
        foreach (Shard shard in world.Shards)
        {
            shard.Inbox.TryPostLiveness(new NodeStops(CloseCode.Draining));
        }

        PassRecovery(world);
        Assert.Empty(world.Journal.Entries);
        Assert.Equal(0, world.Store.Slices);
    }

    [Fact]
    public void Where_nothing_was_recovered_nobody_is_looked_for()
    {
        using var world = new World(2);
        FakeConnection device = world.Connect(1);
        for (int i = 0; i < 4; i++)
        {
            world.Advance(20_000);
            device.Beat();
        }

        Assert.Equal(0, world.Store.Slices);
    }

    private static World Killed(ulong[] users, out PresenceState[] shown, int shards = 2)
    {
        using var before = new World(shards);
        FakeLink.Live(before).Up(Status.Online, DeviceKinds.Mobile, users);
        shown = before.AskAll(users);
        before.Advance(7_000);
        return before.Restart(afterMs: 3_000);
    }

    private static PresenceState[] Recovering(World world, params ulong[] users)
    {
        List<PresenceState> recovering = [];
        foreach (ulong user in users)
        {
            world.Post(user, inbox => inbox.TryPostRead(new RecoveringUsers([world.Store[user]], recovering.AddRange)));
        }

        return [.. recovering];
    }

    // A tick behind the end.
    private static void PassRecovery(World world) => world.Advance(world.Options.RecoverForMs + TimingWheel.TickMs);

    private static FakeConnection WatchAll(World world)
    {
        FakeConnection all = FakeLink.Live(world, gateway: 3).Attach();
        all.Read(new WatchAllRequest(all, 1));
        return all;
    }

    private static void AssertIsRecorded(World world, PresenceEntry entry)
    {
        JournalEntry journaled = Assert.Single(world.Journal.Entries, one => one.User.UserId == entry.UserId);
        Assert.Equal((TransitionCause.RecoveringOver, true, entry.Version), (journaled.Cause, journaled.IsVisible, journaled.User.Version));
        Assert.Equal(world.Store[entry.UserId], journaled.User);
        long seenMs = (long)entry.LastActiveMs;
        Assert.Equal((entry.UserId, (byte)Status.Offline, seenMs, seenMs), (journaled.User.UserId, journaled.User.Status, journaled.User.LastActiveMs, journaled.User.TrueLastActiveMs));
    }
}
