using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Members join and leave, and the homes of users with them: nobody is shown offline who is there, and what changes afterwards is seen by all.</summary>
public sealed class RingChangeTests : IDisposable
{
    private readonly RingScene _scene = new();

    private NodesWorld Nodes => _scene.Nodes;

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void Who_joins_takes_its_users_over_and_nobody_sees_it()
    {
        Nodes.Follow(0, 1);
        _scene.Begin(edges: [0, 1, 2]);
        Nodes.Follow(0, 1, 2);
        _scene.AssertNobodyWent();
        _scene.AssertChangesAreSeen();
    }

    [Fact]
    public void Who_is_home_no_more_hands_its_users_over_and_nobody_sees_it()
    {
        _scene.Begin(edges: [0, 1, 2]);
        Nodes.Follow(0, 1);
        _scene.AssertNobodyWent();
        _scene.AssertChangesAreSeen();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_node_that_hears_late_of_another_ring_harms_nobody(int late)
    {
        Nodes.Follow(0, 1);
        _scene.Begin(edges: [0, 1, 2]);
        Nodes.FollowLate(late, 0, 1, 2);
        Nodes.Advance(2_000);
        _scene.AssertNobodyWent();
        Nodes.CatchUp();
        Nodes.Advance(2_000);
        _scene.AssertNobodyWent();
        _scene.AssertChangesAreSeen();
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(2, 0)]
    [InlineData(2, 2)]
    public void A_shard_that_hears_later_than_its_siblings_loses_nothing(int node, int shard)
    {
        Nodes.Follow(1, 2 - node);
        _scene.Begin(edges: [0, 1, 2]);
        Nodes.FollowLate(node, shard, [0, 1, 2]);
        Nodes.Advance(2_000);
        _scene.AssertNobodyWent();
        Nodes.CatchUp();
        Nodes.Advance(2_000);
        _scene.AssertNobodyWent();
        _scene.AssertChangesAreSeen();
    }

    [Fact]
    public void Rings_that_change_again_and_again_end_as_the_last()
    {
        _scene.Begin(edges: [0, 1, 2]);
        foreach (int[] members in (int[][])[[0, 1], [0], [2], [0, 1, 2], [1, 2], [1]])
        {
            Nodes.Follow(members);
            Nodes.Advance(300);
        }

        _scene.AssertNobodyWent();
        _scene.AssertChangesAreSeen();
    }

    [Fact]
    public void While_a_home_does_not_know_it_says_so_and_calls_nobody_offline()
    {
        Nodes.Follow(0, 1);
        foreach (ulong user in RingScene.All)
        {
            Nodes[0].Connect(user);
        }

        // Node 1 names nothing to the new home, which waits for it.
        Nodes.Cut.Add((1, 2));
        Nodes.Follow(0, 1, 2);
        ulong[] moved = [.. RingScene.All.Where(user => Nodes.HomeOf(user) == 2)];
        FakeConnection watcher = Nodes[2].Watcher(RingScene.Watcher, moved);
        Nodes.Advance(5_000);
        Assert.NotEmpty(moved);
        Assert.All(moved, user => Assert.Equal(Status.Unknown, watcher.StatusOf(user)));
        Nodes.Cut.Clear();
        Nodes.Advance(3_000);
        Assert.All(moved, user => Assert.Equal(Status.Online, watcher.StatusOf(user)));
        Assert.DoesNotContain(watcher.Frames.SelectMany(static frame => frame.PresenceBatch?.Entries ?? []), static entry => entry.Status == Status.Offline);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Who_was_invisible_and_is_not_any_more_stays_seen(int newHome)
    {
        ulong user = Nodes.UserOf(1);
        FakeConnection device = Nodes[0].Connect(user), watcher = Nodes[2].Watcher(RingScene.Watcher, user);
        Nodes.Settle();
        device.SetStatus(1, Status.Invisible);
        Nodes.Settle();
        Nodes.Advance(10_000);
        device.SetStatus(2, Status.Busy);
        Nodes.Settle();
        Assert.Equal(Status.Busy, watcher.StatusOf(user));
        Nodes.FollowLate(1, newHome);
        Nodes.Advance(500);
        Assert.Equal(Status.Busy, watcher.StatusOf(user));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_device_that_comes_to_another_node_and_says_no_status_goes_on_as_it_was(int home)
    {
        ulong user = Nodes.UserOf(home, from: 100);
        FakeConnection before = Nodes[0].Connect(user), watcher = Nodes[2].Watcher(RingScene.Watcher, user);
        before.SetStatus(1, Status.Busy, "at work");
        Nodes.Settle();
        ulong version = watcher.VersionOf(user);
        Nodes[1].Connect(user, status: Status.Unspecified, resumes: before.Welcome!.Value.SessionId);
        Nodes.Settle();
        Assert.Equal((Status.Busy, "at work", version), (watcher.StatusOf(user), watcher.Of(user).StatusText, watcher.VersionOf(user)));
        // So its edge says it too, to a home that knows nothing.
        Nodes.Follow(1);
        Nodes.Follow(0);
        Nodes.Advance(1_000);
        Assert.Equal((Status.Busy, "at work"), (watcher.StatusOf(user), watcher.Of(user).StatusText));
    }

    [Fact]
    public void Who_asks_another_node_that_does_not_know_yet_is_told_when_it_does()
    {
        Nodes.Follow(0, 1);
        ulong[] moved = BeginWarming(2);
        FakeConnection watcher = Nodes[0].Watcher(RingScene.Watcher, moved);
        Nodes.Advance(3_000);
        Assert.All(moved, user => Assert.Equal(Status.Unknown, watcher.StatusOf(user)));
        Nodes.Cut.Clear();
        Nodes.Advance(3_000);
        Assert.All(moved, user => Assert.Equal(Status.Online, watcher.StatusOf(user)));
    }

    [Fact]
    public void A_home_is_asked_again_though_those_whom_it_did_not_know_were_many()
    {
        const int AtOnce = 1_000;
        Nodes.Follow(0, 1);
        ulong[] others = [.. Enumerable.Range(2_000, 3_000).Select(static user => (ulong)user).Where(user => Nodes.HomeOf(user) == 1).Take(20)];
        Nodes[0].Watcher(RingScene.Watcher, others);
        ulong[] many = [.. Nodes.MovingTo(2, from: 10_000).Take(AtOnce)];
        Nodes[0].Watcher(RingScene.Watcher, many);
        Nodes.Settle();
        ulong[] moved = BeginWarming(2);
        FakeConnection late = Nodes[0].Watcher(RingScene.Watcher, moved[0]);
        Nodes.Advance(3_000);
        Assert.Equal(Status.Unknown, late.StatusOf(moved[0]));
        Nodes.Cut.Clear();
        Nodes.Advance(3_000);
        Assert.Equal(Status.Online, late.StatusOf(moved[0]));
    }

    [Fact]
    public void While_many_users_are_gone_through_nobody_is_seen_as_by_a_part_of_its_devices()
    {
        const int Many = 9_000;
        ulong[] users = [.. Enumerable.Range(1, Many).Select(static user => (ulong)user)];
        Nodes.Follow(0, 1);
        foreach (World world in Nodes.All)
        {
            world.IsPaused = true;
        }

        foreach (ulong user in users)
        {
            Nodes[0].Connect(user, device: 1, status: Status.Busy);
            Nodes[1].Connect(user, device: 2, status: Status.Away);
            // In the other order, so that one node names first whom another comes to last.
            Nodes[2].Connect(Many + 1 - user, device: 3, status: Status.Away);
            if (user % 1_000 == 0)
            {
                Nodes.Settle();
            }
        }

        foreach (World world in Nodes.All)
        {
            world.IsPaused = false;
        }

        Nodes.Settle();
        Nodes.Follow(0, 1, 2);
        foreach (ulong[] some in users.Chunk(1_000))
        {
            _scene.Watchers.Add(Nodes[2].Watcher(RingScene.Watcher + (ulong)_scene.Watchers.Count, some));
        }

        Nodes.Settle();
        foreach (int[] members in (int[][])[[1, 2], [0, 2], [0, 1, 2]])
        {
            Nodes.Follow(members);
            Nodes.Advance(1_000);
        }

        foreach (FakeConnection watcher in _scene.Watchers)
        {
            Assert.DoesNotContain(watcher.Frames.SelectMany(static frame => frame.PresenceBatch?.Entries ?? []), static entry => entry.Status != Status.Busy);
        }
    }

    // All users are online at node 0, and some have a node for their home from now on that does not know who is up: node 1 cannot tell it.
    private ulong[] BeginWarming(int home)
    {
        foreach (ulong user in RingScene.All)
        {
            Nodes[0].Connect(user);
        }

        Nodes.Settle();
        Nodes.Cut.Add((1, home));
        Nodes.Follow(0, 1, 2);
        return [.. RingScene.All.Where(user => Nodes.HomeOf(user) == home)];
    }
}
