using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Who was at a node that is gone is shown until it had its time to come back, counted from then, whatever homes it has meanwhile.</summary>
public sealed class GoneNodesTests : IDisposable
{
    private const int Edge = 2;
    private const int Late = 3;
    private const ulong Watcher = 1_000_000;

    private readonly NodesWorld _nodes = new(2, 1, 3, 2);

    private ShardOptions Options => _nodes[0].Options;

    public void Dispose() => _nodes.Dispose();

    [Fact]
    public void Whose_home_becomes_another_has_h_from_the_death_of_its_edge()
    {
        FakeConnection watcher = Begin(home: 1, next: 0, [0], out ulong user);
        _nodes.Kill(Edge);
        _nodes.Follow(0, 1);
        Pass(10_000, watcher);
        _nodes.Follow(0);
        Pass(Options.HoldMs - 11_000, watcher);
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        Pass(2_500, watcher);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
    }

    [Fact]
    public void Whose_home_is_a_node_that_came_after_the_death_has_h_from_that()
    {
        FakeConnection watcher = Begin(home: 1, Late, [0, 1, Late], out ulong user);
        _nodes.Kill(Edge);
        _nodes.Follow(0, 1);
        Pass(8_000, watcher);
        _nodes.Rejoin(Late);
        _nodes.Follow(0, 1, Late);
        Pass(Options.HoldMs - 9_000, watcher);
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        Pass(2_500, watcher);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
    }

    [Fact]
    public void Whose_edge_only_says_nothing_has_its_whole_time_from_a_home_that_came_after_it()
    {
        FakeConnection watcher = Begin(home: 1, Late, [0, 1, Late], out ulong user);
        _nodes.Still.Add(Edge);
        _nodes.Expel(Edge);
        _nodes.Follow(0, 1);
        Pass(8_000, watcher);
        _nodes.Rejoin(Late);
        _nodes.Follow(0, 1, Late);
        Pass(Options.EdgeHoldMs - 9_000, watcher);
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        Pass(2_500, watcher);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
    }

    [Fact]
    public void Who_was_sent_away_by_a_node_that_has_left_is_shown_until_the_last_slot_and_h_by_whatever_home()
    {
        const int DrainMs = 20_000;
        FakeConnection watcher = Begin(home: 1, next: 0, [0], out ulong user);
        bool[] hasLeft = Leave(Edge, DrainMs);
        Assert.All(hasLeft, Assert.True);
        Pass(1_000, watcher);
        _nodes.Kill(Edge);
        Pass(9_000, watcher);
        _nodes.Follow(0);
        Pass(DrainMs + Options.HoldMs - 11_000, watcher);
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        Pass(2_500, watcher);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
    }

    [Fact]
    public void A_node_that_has_left_holds_nobody_for_longer_than_those_whom_it_has_sent_away()
    {
        FakeConnection watcher = Begin(home: 1, next: 0, [0], out ulong user);
        Leave(Edge, drainMs: 0);
        Pass(10_000, watcher);
        // Whether its process is gone cannot be seen.
        _nodes.Still.Add(Edge);
        _nodes.Expel(Edge);
        _nodes.Follow(0);
        Pass(Options.HoldMs - 11_000, watcher);
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        Pass(2_500, watcher);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
    }

    [Fact]
    public void Who_was_sent_away_is_held_by_the_next_home_from_then_and_not_from_the_end_of_its_node()
    {
        FakeConnection watcher = Begin(home: Edge, next: 0, [0, 1], out ulong user);
        Leave(Edge, drainMs: 0, leavesAfterMs: 10_000);
        Pass(Options.HoldMs - 11_000, watcher);
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        Pass(3_500, watcher);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
    }

    [Fact]
    public void A_home_that_drains_lets_those_go_whose_edge_is_gone_and_none_of_its_own()
    {
        FakeConnection watcher = Begin(home: 1, next: 0, [0], out ulong user);
        ulong own = _nodes.UserOf(home: 1, user + 1);
        FakeConnection device = _nodes[1].Connect(own);
        watcher.Watch(9, [own]);
        _nodes.Settle();
        _nodes.Kill(Edge);
        _nodes.Follow(0, 1);
        Pass(2_000, watcher, device);
        device.Lose();
        Assert.True(_nodes[1].Shards[0].Inbox.TryPostLiveness(new NodeStops(CloseCode.Draining) { DrainMs = 60_000 }));
        Pass(Options.HoldMs - 3_000, watcher);
        Assert.Equal((Status.Online, Status.Online), (watcher.StatusOf(user), watcher.StatusOf(own)));
        Pass(2_500, watcher);
        Assert.Equal((Status.Offline, Status.Online), (watcher.StatusOf(user), watcher.StatusOf(own)));
        Pass(20_000, watcher);
        Assert.Equal(Status.Online, watcher.StatusOf(own));
    }

    [Fact]
    public void While_nobody_has_been_there_for_long_any_node_may_be_gone()
    {
        const ulong User = 7;
        _nodes[0].Store.Write(new(User, Version: (ulong)(_nodes[0].WallMs - 60_000) << 16, LastActiveMs: -1, TrueLastActiveMs: -1, (byte)Status.Busy, Flags: 0));
        FakeConnection watcher = _nodes[0].Watcher(Watcher, User);
        Pass(Options.EdgeHoldMs - 1_000, watcher);
        Assert.Equal(Status.Busy, watcher.StatusOf(User));
        Pass(2_500, watcher);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
    }

    [Fact]
    public void What_was_said_goes_on_with_who_is_back_before_its_home_can_know_it_though_that_takes_longer_than_h()
    {
        FakeConnection watcher = Begin(home: Edge, next: 0, [0, 1], out ulong user, Status.Busy);
        _nodes.Kill(Edge);
        _nodes.Cut.Add((1, 0));
        _nodes.Follow(0, 1);
        FakeConnection device = _nodes[0].Connect(user, status: Status.Unspecified);
        Pass(Options.HoldMs + 5_000, watcher, device);
        _nodes.Cut.Clear();
        Pass(2_000, watcher, device);
        Assert.Equal(Status.Busy, watcher.StatusOf(user));
        Assert.DoesNotContain(watcher.Frames.SelectMany(static frame => frame.PresenceBatch?.Entries ?? []), static entry => entry.Status is Status.Offline or Status.Online);
    }

    // Three nodes, long ago; a user at the third, and a watcher at the first.
    private FakeConnection Begin(int home, int next, int[] members, out ulong user, Status status = Status.Online)
    {
        _nodes.Kill(Late);
        _nodes.Follow(0, 1, Edge);
        Pass(Options.EdgeHoldMs + 10_000);
        user = _nodes.UserOf(home);
        while (!NodesWorld.WouldMove(user, next, members))
        {
            user = _nodes.UserOf(home, user + 1);
        }

        _nodes[Edge].Connect(user, status: status);
        _nodes.Settle();
        FakeConnection watcher = _nodes[0].Watcher(Watcher, user);
        _nodes.Settle();
        Assert.Equal(status, watcher.StatusOf(user));
        return watcher;
    }

    // Its clients are told to, then the ring goes on without it.
    private bool[] Leave(int node, int drainMs, int leavesAfterMs = 0)
    {
        Shard[] shards = _nodes[node].Shards;
        bool[] hasLeft = new bool[shards.Length];
        foreach (Shard shard in shards)
        {
            Assert.True(shard.Inbox.TryPostLiveness(new NodeStops(CloseCode.Draining) { DrainMs = drainMs }));
        }

        _nodes.Settle();
        Pass(leavesAfterMs);
        _nodes.Follow([.. _nodes.Ring.Members.Select(int.Parse).Where(member => member != node)]);
        foreach (Shard shard in shards)
        {
            Assert.True(shard.Inbox.TryPostLiveness(new NodeLeaves(() => hasLeft[shard.Address.Shard] = true)));
        }

        _nodes.Settle();
        return hasLeft;
    }

    private void Pass(long ms, params FakeConnection[] who)
    {
        for (long left = ms; left > 0; left -= 5_000)
        {
            _nodes.Advance(Math.Min(left, 5_000));
            Array.ForEach(who, static one => one.Heard());
        }
    }
}
