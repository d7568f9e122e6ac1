using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Members die, or are declared dead and come back: the same of those who are there, and who is not is gone in its time.</summary>
public sealed class LostMemberTests : IDisposable
{
    private readonly RingScene _scene = new();

    private NodesWorld Nodes => _scene.Nodes;

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void Who_was_on_a_dead_node_that_was_its_home_too_was_last_active_at_the_last_word_of_that()
    {
        ulong user = Nodes.MovingTo(node: 2, from: 1).First();
        FakeConnection device = Nodes[2].Connect(user), watcher = Nodes[0].Watcher(RingScene.Watcher, user);
        for (int i = 0; i < 6; i++)
        {
            Nodes.Advance(10_000);
            device.Heard();
            watcher.Heard();
        }

        long killedMs = Nodes[0].WallMs;
        Nodes.Kill(2);
        Nodes.Follow(0, 1);
        Nodes.Advance(Nodes[0].Options.HoldMs + 2_000);
        PresenceEntry gone = watcher.Of(user);
        Assert.Equal(Status.Offline, gone.Status);
        Assert.InRange((long)gone.LastActiveMs, killedMs - 1_000, killedMs);
    }

    [Fact]
    public void A_node_that_comes_back_says_nothing_of_users_whose_home_is_another_though_its_store_has_them_and_keeps_none()
    {
        ulong user = Nodes.UserOf(home: 1);
        FakeConnection device = Nodes[0].Connect(user), watcher = Nodes[1].Watcher(RingScene.Watcher, user);
        Nodes.Settle();
        ulong version = watcher.VersionOf(user);
        Nodes.Kill(2);
        Nodes.Follow(0, 1);
        Nodes.Rejoin(2);
        Nodes.Follow(0, 1, 2);
        Assert.Equal((byte)Status.Online, Nodes[2].Store[user].Status);
        for (int i = 0; i < 8; i++)
        {
            Nodes.Advance(10_000);
            device.Heard();
            watcher.Heard();
        }

        Assert.Equal((Status.Online, version), (watcher.StatusOf(user), watcher.VersionOf(user)));
        Assert.Equal(0, Nodes[2].Shards.Sum(static shard => shard.Users.Count));
    }

    [Fact]
    public void The_users_of_a_dead_home_are_known_by_their_edges()
    {
        _scene.Begin(edges: [0, 1]);
        LoseNode2();
        _scene.AssertNobodyWent();
        _scene.AssertChangesAreSeen();
    }

    [Fact]
    public void Who_was_at_a_dead_node_has_its_time_to_come_back_and_is_gone_then()
    {
        _scene.Begin(edges: [2]);
        LoseNode2();
        Nodes.Advance(5_000);
        _scene.AssertNobodyWent();
        // Every other one comes back.
        for (int user = 0; user < RingScene.Users; user += 2)
        {
            Nodes[user % 4 / 2].Connect(RingScene.All[user], resumes: _scene.Devices[user].Welcome!.Value.SessionId);
        }

        Nodes.Settle();
        _scene.AssertNobodyWent();
        _scene.Watchers.ForEach(static watcher => watcher.Heard());
        Nodes.Advance(30_000);
        _scene.Watchers.ForEach(static watcher => watcher.Heard());
        // Asked about a moment after the death, when the new homes knew all that was named.
        Nodes.Advance(Nodes[0].Options.EdgeHoldMs - 32_000);
        foreach (FakeConnection watcher in _scene.Watchers)
        {
            Assert.All(RingScene.All.Where(static user => user % 2 == 0), user => Assert.Equal(Status.Offline, watcher.StatusOf(user)));
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void What_the_dead_node_acknowledged_as_edge_and_home_goes_on_with_the_device_that_says_nothing_of_it(bool isLate, bool isWatched)
    {
        ulong user = Nodes.MovingTo(node: 2, from: 1).First();
        FakeConnection before = Nodes[2].Connect(user);
        Nodes.Settle();
        before.SetStatus(7, Status.Busy);
        Nodes.Settle();
        Assert.True(before.IsAcked(7));
        FakeConnection watcher = Nodes[0].Watcher(RingScene.Watcher, isWatched ? [user] : []);
        Nodes.Settle();
        Nodes.Kill(2);
        FakeConnection? device = isLate ? null : ConnectAgain(user);
        Nodes.Follow(0, 1);
        device ??= ConnectAgain(user);
        FakeConnection after = Nodes[1].Watcher(RingScene.Watcher + 1, user);
        Pass(Nodes[0].Options.EdgeHoldMs, watcher, device, after);
        Assert.Equal(Status.Busy, after.StatusOf(user));
        Assert.DoesNotContain(watcher.Frames.Concat(after.Frames).SelectMany(static frame => frame.PresenceBatch?.Entries ?? []), static entry => entry.Status is Status.Offline or Status.Online);
        // Its edge knows it by now, and says so to whoever is home next.
        Nodes.Rejoin(2);
        Nodes.Follow(0, 1, 2);
        Pass(5_000, watcher, device, after);
        Assert.Equal(Status.Busy, after.StatusOf(user));
        device.SetStatus(8, Status.Away);
        Nodes.Settle();
        Assert.Equal(Status.Away, after.StatusOf(user));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public void Who_stays_away_from_a_node_that_comes_back_as_its_home_has_h_from_then(int edge)
    {
        ulong user = Nodes.UserOf(home: 2);
        FakeConnection device = Nodes[edge].Connect(user), watcher = Nodes[0].Watcher(RingScene.Watcher, user);
        // No node has just begun.
        Pass(Nodes[0].Options.EdgeHoldMs + 10_000, device, watcher);
        Nodes.Still.Add(2);
        Nodes.Expel(2);
        Nodes.Follow(0, 1);
        Pass(10_000, watcher);
        device.Lose();
        Nodes.ComeBack(2);
        Pass(Nodes[0].Options.HoldMs - 1_000, watcher);
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        Pass(2_000, watcher);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
    }

    [Fact]
    public void What_an_expelled_node_says_is_heard_by_nobody_until_it_is_a_member_again()
    {
        _scene.Begin(edges: [0, 1, 2]);
        Nodes.CutOff(2);
        Nodes.Expel(2);
        Nodes.FollowLate(2, 0, 1);
        FakeConnection atZombie = _scene.Devices.Where(static (_, place) => RingScene.All[place] % 3 == 2).First();
        Nodes.Cut.Clear();
        atZombie.SetStatus(5, Status.Busy);
        Nodes.Advance(2_000);
        Assert.NotEqual(Status.Busy, _scene.Watchers[0].StatusOf(atZombie.User));
        Assert.NotEqual(Status.Busy, _scene.Watchers[1].StatusOf(atZombie.User));
        Nodes.Rejoin(2);
        Nodes.Follow(0, 1, 2);
        Nodes.Advance(2_000);
        Assert.All(_scene.Watchers, watcher => Assert.Equal(Status.Busy, watcher.StatusOf(atZombie.User)));
        _scene.AssertChangesAreSeen();
    }

    [Fact]
    public void A_node_that_was_killed_and_started_again_is_as_any_other()
    {
        _scene.Begin(edges: [0, 1]);
        LoseNode2();
        Nodes.Advance(2_000);
        Nodes.Rejoin(2);
        Nodes.Follow(0, 1, 2);
        _scene.Watchers.Add(Nodes[2].Watcher(RingScene.Watcher + 7, RingScene.All));
        Nodes.Advance(2_000);
        _scene.AssertNobodyWent();
        _scene.AssertChangesAreSeen();
    }

    private FakeConnection ConnectAgain(ulong user)
    {
        FakeConnection device = Nodes[0].Connect(user, status: Status.Unspecified);
        Nodes.Settle();
        return device;
    }

    private void Pass(long ms, params FakeConnection[] who)
    {
        for (long left = ms; left > 0; left -= 10_000)
        {
            Nodes.Advance(Math.Min(left, 10_000));
            Array.ForEach(who, static one => one.Heard());
        }
    }

    private void LoseNode2()
    {
        Nodes.Kill(2);
        Nodes.Follow(0, 1);
        _scene.Watchers.RemoveAt(2);
    }
}
