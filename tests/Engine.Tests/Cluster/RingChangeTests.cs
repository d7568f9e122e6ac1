using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Members join, leave and die, and the homes of users with them: nobody is shown offline who is there, and what changes afterwards is seen by all.</summary>
public sealed class RingChangeTests : IDisposable
{
    private const ulong Watcher = 1_000_000;
    private const int Users = 60;

    private readonly NodesWorld _nodes = new(2, 1, 3);
    private readonly List<FakeConnection> _devices = [];
    private readonly List<FakeConnection> _watchers = [];

    private static ulong[] All => [.. Enumerable.Range(1, Users).Select(static user => (ulong)user)];

    public void Dispose() => _nodes.Dispose();

    [Fact]
    public void Who_was_on_a_dead_node_that_was_its_home_too_was_last_active_at_the_last_word_of_that()
    {
        ulong user = _nodes.MovingTo(node: 2, from: 1).First();
        FakeConnection device = _nodes[2].Connect(user), watcher = _nodes[0].Watcher(Watcher, user);
        for (int i = 0; i < 6; i++)
        {
            _nodes.Advance(10_000);
            device.Heard();
            watcher.Heard();
        }

        long killedMs = _nodes[0].WallMs;
        _nodes.Kill(2);
        _nodes.Follow(0, 1);
        _nodes.Advance(_nodes[0].Options.HoldMs + 2_000);
        PresenceEntry gone = watcher.Of(user);
        Assert.Equal(Status.Offline, gone.Status);
        Assert.InRange((long)gone.LastActiveMs, killedMs - 1_000, killedMs);
    }

    [Fact]
    public void A_node_that_comes_back_says_nothing_of_users_whose_home_is_another_though_its_store_has_them_and_keeps_none()
    {
        ulong user = _nodes.UserOf(home: 1);
        FakeConnection device = _nodes[0].Connect(user), watcher = _nodes[1].Watcher(Watcher, user);
        _nodes.Settle();
        ulong version = watcher.VersionOf(user);
        _nodes.Kill(2);
        _nodes.Follow(0, 1);
        _nodes.Rejoin(2);
        _nodes.Follow(0, 1, 2);
        Assert.Equal((byte)Status.Online, _nodes[2].Store[user].Status);
        for (int i = 0; i < 8; i++)
        {
            _nodes.Advance(10_000);
            device.Heard();
            watcher.Heard();
        }

        Assert.Equal((Status.Online, version), (watcher.StatusOf(user), watcher.VersionOf(user)));
        Assert.Equal(0, _nodes[2].Shards.Sum(static shard => shard.Users.Count));
    }

    [Fact]
    public void Who_joins_takes_its_users_over_and_nobody_sees_it()
    {
        _nodes.Follow(0, 1);
        Begin(edges: [0, 1, 2]);
        _nodes.Follow(0, 1, 2);
        AssertNobodyWent();
        AssertChangesAreSeen();
    }

    [Fact]
    public void Who_is_home_no_more_hands_its_users_over_and_nobody_sees_it()
    {
        Begin(edges: [0, 1, 2]);
        _nodes.Follow(0, 1);
        AssertNobodyWent();
        AssertChangesAreSeen();
    }

    [Fact]
    public void The_users_of_a_dead_home_are_known_by_their_edges()
    {
        Begin(edges: [0, 1]);
        LoseNode2();
        AssertNobodyWent();
        AssertChangesAreSeen();
    }

    [Fact]
    public void Who_was_at_a_dead_node_has_its_time_to_come_back_and_is_gone_then()
    {
        Begin(edges: [2]);
        LoseNode2();
        _nodes.Advance(5_000);
        AssertNobodyWent();
        // Every other one comes back.
        for (int user = 0; user < Users; user += 2)
        {
            _nodes[user % 4 / 2].Connect(All[user], resumes: _devices[user].Welcome!.Value.SessionId);
        }

        _nodes.Settle();
        AssertNobodyWent();
        _watchers.ForEach(static watcher => watcher.Heard());
        _nodes.Advance(30_000);
        _watchers.ForEach(static watcher => watcher.Heard());
        // Asked about a moment after the death, when the new homes knew all that was named.
        _nodes.Advance(_nodes[0].Options.EdgeHoldMs - 32_000);
        foreach (FakeConnection watcher in _watchers)
        {
            Assert.All(All.Where(static user => user % 2 == 0), user => Assert.Equal(Status.Offline, watcher.StatusOf(user)));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_node_that_hears_late_of_another_ring_harms_nobody(int late)
    {
        _nodes.Follow(0, 1);
        Begin(edges: [0, 1, 2]);
        _nodes.FollowLate(late, 0, 1, 2);
        _nodes.Advance(2_000);
        AssertNobodyWent();
        _nodes.CatchUp();
        _nodes.Advance(2_000);
        AssertNobodyWent();
        AssertChangesAreSeen();
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(2, 0)]
    [InlineData(2, 2)]
    public void A_shard_that_hears_later_than_its_siblings_loses_nothing(int node, int shard)
    {
        _nodes.Follow(1, 2 - node);
        Begin(edges: [0, 1, 2]);
        _nodes.FollowLate(node, shard, [0, 1, 2]);
        _nodes.Advance(2_000);
        AssertNobodyWent();
        _nodes.CatchUp();
        _nodes.Advance(2_000);
        AssertNobodyWent();
        AssertChangesAreSeen();
    }

    [Fact]
    public void Rings_that_change_again_and_again_end_as_the_last()
    {
        Begin(edges: [0, 1, 2]);
        foreach (int[] members in (int[][])[[0, 1], [0], [2], [0, 1, 2], [1, 2], [1]])
        {
            _nodes.Follow(members);
            _nodes.Advance(300);
        }

        AssertNobodyWent();
        AssertChangesAreSeen();
    }

    [Fact]
    public void While_a_home_does_not_know_it_says_so_and_calls_nobody_offline()
    {
        _nodes.Follow(0, 1);
        foreach (ulong user in All)
        {
            _nodes[0].Connect(user);
        }

        // Node 1 names nothing to the new home, which waits for it.
        _nodes.Cut.Add((1, 2));
        _nodes.Follow(0, 1, 2);
        ulong[] moved = [.. All.Where(user => _nodes.HomeOf(user) == 2)];
        FakeConnection watcher = _nodes[2].Watcher(Watcher, moved);
        _nodes.Advance(5_000);
        Assert.NotEmpty(moved);
        Assert.All(moved, user => Assert.Equal(Status.Unknown, watcher.StatusOf(user)));
        _nodes.Cut.Clear();
        _nodes.Advance(3_000);
        Assert.All(moved, user => Assert.Equal(Status.Online, watcher.StatusOf(user)));
        Assert.DoesNotContain(watcher.Frames.SelectMany(static frame => frame.PresenceBatch?.Entries ?? []), static entry => entry.Status == Status.Offline);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Who_was_invisible_and_is_not_any_more_stays_seen(int newHome)
    {
        ulong user = _nodes.UserOf(1);
        FakeConnection device = _nodes[0].Connect(user), watcher = _nodes[2].Watcher(Watcher, user);
        _nodes.Settle();
        device.SetStatus(1, Status.Invisible);
        _nodes.Settle();
        _nodes.Advance(10_000);
        device.SetStatus(2, Status.Busy);
        _nodes.Settle();
        Assert.Equal(Status.Busy, watcher.StatusOf(user));
        _nodes.FollowLate(1, newHome);
        _nodes.Advance(500);
        Assert.Equal(Status.Busy, watcher.StatusOf(user));
    }

    [Fact]
    public void What_an_expelled_node_says_is_heard_by_nobody_until_it_is_a_member_again()
    {
        Begin(edges: [0, 1, 2]);
        _nodes.CutOff(2);
        _nodes.Expel(2);
        _nodes.FollowLate(2, 0, 1);
        FakeConnection atZombie = _devices.Where(static (_, place) => All[place] % 3 == 2).First();
        _nodes.Cut.Clear();
        atZombie.SetStatus(5, Status.Busy);
        _nodes.Advance(2_000);
        Assert.NotEqual(Status.Busy, _watchers[0].StatusOf(atZombie.User));
        Assert.NotEqual(Status.Busy, _watchers[1].StatusOf(atZombie.User));
        _nodes.Rejoin(2);
        _nodes.Follow(0, 1, 2);
        _nodes.Advance(2_000);
        Assert.All(_watchers, watcher => Assert.Equal(Status.Busy, watcher.StatusOf(atZombie.User)));
        AssertChangesAreSeen();
    }

    [Fact]
    public void A_node_that_was_killed_and_started_again_is_as_any_other()
    {
        Begin(edges: [0, 1]);
        LoseNode2();
        _nodes.Advance(2_000);
        _nodes.Rejoin(2);
        _nodes.Follow(0, 1, 2);
        _watchers.Add(_nodes[2].Watcher(Watcher + 7, All));
        _nodes.Advance(2_000);
        AssertNobodyWent();
        AssertChangesAreSeen();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_device_that_comes_to_another_node_and_says_no_status_goes_on_as_it_was(int home)
    {
        ulong user = _nodes.UserOf(home, from: 100);
        FakeConnection before = _nodes[0].Connect(user), watcher = _nodes[2].Watcher(Watcher, user);
        before.SetStatus(1, Status.Busy, "at work");
        _nodes.Settle();
        ulong version = watcher.VersionOf(user);
        _nodes[1].Connect(user, status: Status.Unspecified, resumes: before.Welcome!.Value.SessionId);
        _nodes.Settle();
        Assert.Equal((Status.Busy, "at work", version), (watcher.StatusOf(user), watcher.Of(user).StatusText, watcher.VersionOf(user)));
        // So its edge says it too, to a home that knows nothing.
        _nodes.Follow(1);
        _nodes.Follow(0);
        _nodes.Advance(1_000);
        Assert.Equal((Status.Busy, "at work"), (watcher.StatusOf(user), watcher.Of(user).StatusText));
    }

    [Fact]
    public void Who_asks_another_node_that_does_not_know_yet_is_told_when_it_does()
    {
        _nodes.Follow(0, 1);
        ulong[] moved = BeginWarming(2);
        FakeConnection watcher = _nodes[0].Watcher(Watcher, moved);
        _nodes.Advance(3_000);
        Assert.All(moved, user => Assert.Equal(Status.Unknown, watcher.StatusOf(user)));
        _nodes.Cut.Clear();
        _nodes.Advance(3_000);
        Assert.All(moved, user => Assert.Equal(Status.Online, watcher.StatusOf(user)));
    }

    [Fact]
    public void A_home_is_asked_again_though_those_whom_it_did_not_know_were_many()
    {
        const int AtOnce = 1_000;
        _nodes.Follow(0, 1);
        ulong[] others = [.. Enumerable.Range(2_000, 3_000).Select(static user => (ulong)user).Where(user => _nodes.HomeOf(user) == 1).Take(20)];
        _nodes[0].Watcher(Watcher, others);
        ulong[] many = [.. _nodes.MovingTo(2, from: 10_000).Take(AtOnce)];
        _nodes[0].Watcher(Watcher, many);
        _nodes.Settle();
        ulong[] moved = BeginWarming(2);
        FakeConnection late = _nodes[0].Watcher(Watcher, moved[0]);
        _nodes.Advance(3_000);
        Assert.Equal(Status.Unknown, late.StatusOf(moved[0]));
        _nodes.Cut.Clear();
        _nodes.Advance(3_000);
        Assert.Equal(Status.Online, late.StatusOf(moved[0]));
    }

    [Fact]
    public void While_many_users_are_gone_through_nobody_is_seen_as_by_a_part_of_its_devices()
    {
        const int Many = 9_000;
        ulong[] users = [.. Enumerable.Range(1, Many).Select(static user => (ulong)user)];
        _nodes.Follow(0, 1);
        foreach (World world in _nodes.All)
        {
            world.IsPaused = true;
        }

        foreach (ulong user in users)
        {
            _nodes[0].Connect(user, device: 1, status: Status.Busy);
            _nodes[1].Connect(user, device: 2, status: Status.Away);
            // In the other order, so that one node names first whom another comes to last.
            _nodes[2].Connect(Many + 1 - user, device: 3, status: Status.Away);
            if (user % 1_000 == 0)
            {
                _nodes.Settle();
            }
        }

        foreach (World world in _nodes.All)
        {
            world.IsPaused = false;
        }

        _nodes.Settle();
        _nodes.Follow(0, 1, 2);
        foreach (ulong[] some in users.Chunk(1_000))
        {
            _watchers.Add(_nodes[2].Watcher(Watcher + (ulong)_watchers.Count, some));
        }

        _nodes.Settle();
        foreach (int[] members in (int[][])[[1, 2], [0, 2], [0, 1, 2]])
        {
            _nodes.Follow(members);
            _nodes.Advance(1_000);
        }

        foreach (FakeConnection watcher in _watchers)
        {
            Assert.DoesNotContain(watcher.Frames.SelectMany(static frame => frame.PresenceBatch?.Entries ?? []), static entry => entry.Status != Status.Busy);
        }
    }

    // All users are online at node 0, and some have a node for their home from now on that does not know who is up: node 1 cannot tell it.
    private ulong[] BeginWarming(int home)
    {
        foreach (ulong user in All)
        {
            _nodes[0].Connect(user);
        }

        _nodes.Settle();
        _nodes.Cut.Add((1, home));
        _nodes.Follow(0, 1, 2);
        return [.. All.Where(user => _nodes.HomeOf(user) == home)];
    }

    private void LoseNode2()
    {
        _nodes.Kill(2);
        _nodes.Follow(0, 1);
        _watchers.RemoveAt(2);
    }

    private void Begin(int[] edges)
    {
        foreach (ulong user in All)
        {
            _devices.Add(_nodes[edges[user % (ulong)edges.Length]].Connect(user));
        }

        _nodes.Settle();
        for (int node = 0; node < 3; node++)
        {
            _watchers.Add(_nodes[node].Watcher(Watcher + (ulong)node, All));
        }

        _nodes.Advance(500);
        AssertNobodyWent();
    }

    private void AssertNobodyWent()
    {
        foreach (FakeConnection watcher in _watchers)
        {
            Assert.All(All, user => Assert.Equal(Status.Online, watcher.StatusOf(user)));
            Assert.DoesNotContain(watcher.Frames.SelectMany(static frame => frame.PresenceBatch?.Entries ?? []), static entry => entry.Status is Status.Offline or Status.Unknown);
        }
    }

    private void AssertChangesAreSeen()
    {
        foreach (FakeConnection device in _devices)
        {
            device.SetStatus(77, Status.Busy);
        }

        _nodes.Settle();
        foreach (FakeConnection watcher in _watchers)
        {
            Assert.All(All, user => Assert.Equal(Status.Busy, watcher.StatusOf(user)));
        }

        Assert.All(_devices, static device => Assert.True(device.IsAcked(77)));
        _devices.ForEach(static device => device.Goodbye());
        _nodes.Settle();
        foreach (FakeConnection watcher in _watchers)
        {
            Assert.All(All, user => Assert.Equal(Status.Offline, watcher.StatusOf(user)));
        }
    }
}
