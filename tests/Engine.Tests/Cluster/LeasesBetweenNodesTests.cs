using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A device over HTTP at a node that is not its user's home: the same is seen as on one.</summary>
public sealed class LeasesBetweenNodesTests : IDisposable
{
    private const int Edge = 0;
    private const int Home = 1;
    private const int Other = 2;
    private const ulong FirstWatcher = 1_000_000;

    private readonly NodesWorld _nodes = new(2, 1, 3);
    private readonly ulong _user;
    private readonly FakeConnection[] _watchers;

    public LeasesBetweenNodesTests()
    {
        _user = _nodes.UserOf(Home);
        _watchers = [.. _nodes.All.Select((world, node) => world.Watcher(FirstWatcher + (ulong)node, _user))];
        _nodes.Settle();
    }

    public void Dispose() => _nodes.Dispose();

    [Fact]
    public void It_is_seen_at_every_node_lasts_as_long_as_it_is_renewed_and_repeats_are_no_transition()
    {
        FakeLease lease = Lease(Status.Busy);
        AssertShown(Status.Busy);
        ulong version = lease.Answer!.Value.Version;
        Assert.All(_watchers, watcher => Assert.Equal(version, watcher.VersionOf(_user)));
        long renewedMs = 0;
        for (int i = 0; i < 4; i++)
        {
            Advance(30_000);
            renewedMs = _nodes[Edge].WallMs;
            Assert.Equal((Status.Busy, version), (Lease(Status.Busy).Answer!.Value.Status, version));
        }

        Assert.All(_watchers, watcher => Assert.Equal(version, watcher.VersionOf(_user)));
        Advance(_nodes[Edge].Options.SilentAfterMs - 100);
        AssertShown(Status.Busy);
        Advance(300);
        AssertShown(Status.Offline);
        Assert.All(_watchers, watcher => Assert.Equal((ulong)renewedMs, watcher.Of(_user).LastActiveMs));
        AssertNobodyIsLeft();
    }

    [Fact]
    public void Another_status_is_shown_and_answered_and_offline_ends_it()
    {
        Lease(Status.Busy);
        FakeLease away = Lease(Status.Away);
        AssertShown(Status.Away);
        Assert.Equal((Status.Away, _watchers[0].VersionOf(_user)), (away.Answer!.Value.Status, away.Answer.Value.Version));
        FakeLease offline = Lease(Status.Offline);
        AssertShown(Status.Offline);
        Assert.Equal((Status.Offline, _watchers[0].VersionOf(_user)), (offline.Answer!.Value.Status, offline.Answer.Value.Version));
        Assert.Equal((ulong)_nodes[Edge].WallMs, _watchers[Other].Of(_user).LastActiveMs);
        AssertNobodyIsLeft();
    }

    [Fact]
    public void Who_is_busy_elsewhere_is_so_in_the_answer_and_when_the_lease_has_ended()
    {
        FakeConnection phone = _nodes[Other].Connect(_user, status: Status.Busy);
        _nodes.Settle();
        Assert.Equal(Status.Busy, Lease(Status.Away).Answer!.Value.Status);
        Assert.Equal(Status.Busy, Lease(Status.Offline).Answer!.Value.Status);
        AssertShown(Status.Busy);
        phone.Goodbye();
        _nodes.Settle();
        AssertShown(Status.Offline);
    }

    [Fact]
    public void Offline_of_somebody_unknown_is_answered()
    {
        ulong nobody = _nodes.UserOf(Home, from: 5_000);
        FakeLease lease = _nodes[Edge].Lease(nobody, Status.Offline);
        _nodes.Settle();
        Assert.Equal((Status.Offline, 0UL), (lease.Answer!.Value.Status, lease.Answer.Value.Version));
    }

    [Fact]
    public void A_renewal_is_no_choice_to_be_seen_and_another_status_is()
    {
        FakeConnection phone = _nodes[Other].Connect(_user);
        Lease(Status.Busy);
        phone.SetStatus(1, Status.Invisible);
        _nodes.Settle();
        AssertShown(Status.Offline);
        Assert.Equal(Status.Offline, Lease(Status.Busy).Answer!.Value.Status);
        AssertShown(Status.Offline);
        Lease(Status.Away);
        AssertShown(Status.Online);
    }

    [Fact]
    public void Who_comes_to_be_invisible_is_not_seen_to_come()
    {
        FakeLease lease = Lease(Status.Invisible);
        Assert.Equal(Status.Offline, lease.Answer!.Value.Status);
        Assert.All(_watchers, watcher => Assert.Equal(0UL, watcher.VersionOf(_user)));
        Lease(Status.Online);
        AssertShown(Status.Online);
    }

    [Fact]
    public void A_choice_that_was_invisible_meanwhile_is_one_to_be_seen()
    {
        Lease(Status.Busy);
        Lease(Status.Invisible);
        AssertShown(Status.Offline);
        Lease(Status.Busy);
        AssertShown(Status.Busy);
    }

    [Fact]
    public void What_its_users_rate_delays_is_answered_when_it_is_shown()
    {
        FakeLease[] leases = [.. Enumerable.Range(0, 8).Select(i => Lease(i % 2 == 0 ? Status.Busy : Status.Away))];
        Assert.Contains(leases, static lease => lease.Answer is null);
        Advance(7_000);
        Assert.All(leases, static lease => Assert.NotNull(lease.Answer));
        AssertShown(Status.Away);
    }

    [Fact]
    public void Whose_home_nobody_reaches_is_answered_that_it_is_not_durable_and_shown_as_soon_as_somebody_does()
    {
        _nodes.Cut.Add((Edge, Home));
        FakeLease lease = Lease(Status.Busy);
        Advance(_nodes[Edge].Options.DurableWithinMs + 500);
        Assert.True(lease.IsNotDurable);
        AssertShown(Status.Offline);
        _nodes.Cut.Clear();
        Advance(1_000);
        AssertShown(Status.Busy);
        Lease(Status.Offline);
        AssertShown(Status.Offline);
        AssertNobodyIsLeft();
    }

    private FakeLease Lease(Status status, int at = Edge)
    {
        FakeLease lease = _nodes[at].Lease(_user, status);
        _nodes.Settle();
        return lease;
    }

    private void Advance(long ms)
    {
        for (long left = ms; left > 0; left -= 10_000)
        {
            _nodes.Advance(Math.Min(left, 10_000));
            Array.ForEach(_watchers, static watcher => watcher.Heard());
        }
    }

    private void AssertShown(Status status) => Assert.All(_watchers, watcher => Assert.Equal(status, watcher.StatusOf(_user)));

    private void AssertNobodyIsLeft()
    {
        Array.ForEach(_watchers, static watcher => watcher.Goodbye());
        Array.ForEach(_watchers, static watcher => watcher.Lose());
        _nodes.Advance(1_000);
        Array.ForEach(_nodes.All, static world => world.AssertEmpty());
    }
}
