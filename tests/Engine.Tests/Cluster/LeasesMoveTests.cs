using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Members come and go while leases live: who is there is seen to be, and who is not is gone in its time.</summary>
public sealed class LeasesMoveTests : IDisposable
{
    private const ulong FirstWatcher = 1_000_000;
    private const int Users = 30;

    private readonly NodesWorld _nodes = new(2, 1, 3);
    private readonly ulong[] _users = [.. Enumerable.Range(1, Users).Select(static user => (ulong)user)];
    private readonly List<FakeConnection> _watchers = [];

    public void Dispose() => _nodes.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Homes_move_and_nobody_sees_it_and_repeats_are_none(int edge)
    {
        Begin(edge);
        ulong[] versions = [.. _users.Select(_watchers[0].VersionOf)];
        foreach (int[] members in (int[][])[[0, 1], [0, 1, 2], [1, 2], [0, 2], [2], [0, 1, 2]])
        {
            _nodes.Follow(members);
            Advance(2_000);
            Renew(edge, Status.Busy);
        }

        AssertNobodyWent();
        Assert.All(_watchers, watcher => Assert.Equal(versions, _users.Select(watcher.VersionOf)));
        AssertChangesAndEnds(edge);
    }

    [Fact]
    public void Homes_that_die_are_known_by_the_edge()
    {
        Begin(edge: 0);
        LoseNode2();
        Advance(20_000);
        Renew(0, Status.Busy);
        AssertNobodyWent();
        Advance(20_000);
        AssertNobodyWent();
        AssertChangesAndEnds(edge: 0);
    }

    [Fact]
    public void Who_is_invisible_stays_so_though_its_home_dies_and_its_lease_is_renewed()
    {
        ulong user = _nodes.MovingTo(2, from: 1).First();
        FakeConnection watcher = _nodes[1].Watcher(FirstWatcher, user), phone = _nodes[0].Connect(user);
        _nodes[0].Lease(user, Status.Busy);
        _nodes.Settle();
        phone.SetStatus(1, Status.Invisible);
        _nodes.Settle();
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
        _nodes.Kill(2);
        _nodes.Follow(0, 1);
        _nodes.Advance(1_000);
        _nodes[0].Lease(user, Status.Busy);
        _nodes.Advance(1_000);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
        _nodes[0].Lease(user, Status.Away);
        _nodes.Settle();
        Assert.Equal(Status.Online, watcher.StatusOf(user));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whose_edge_dies_is_held_and_gone_in_its_time(bool ringChanges)
    {
        Begin(edge: 2);
        _nodes.Kill(2);
        _watchers.RemoveAt(2);
        if (ringChanges)
        {
            _nodes.Follow(0, 1);
        }

        ulong[] known = [.. _users.Where(user => ringChanges || _nodes.HomeOf(user) != 2)];
        Advance(_nodes[0].Options.HoldMs - 1_000);
        AssertNobodyWent();
        // Whose lease is renewed at another node has been there all the time.
        foreach (ulong user in known.Take(known.Length / 2))
        {
            _nodes[0].Lease(user, Status.Busy);
        }

        _nodes.Settle();
        Advance(_nodes[0].Options.SilentAfterMs - 1_000);
        Assert.All(_watchers, watcher => Assert.All(known.Take(known.Length / 2), user => Assert.Equal(Status.Busy, watcher.StatusOf(user))));
        Assert.All(_watchers, watcher => Assert.DoesNotContain(EntriesOf(watcher), entry => entry.Status == Status.Offline && known.Take(known.Length / 2).Contains(entry.UserId)));
        Advance(_nodes[0].Options.EdgeHoldMs);
        Assert.All(_watchers, watcher => Assert.All(known, user => Assert.Equal(Status.Offline, watcher.StatusOf(user))));
    }

    [Fact]
    public void A_lease_that_ends_while_its_home_moves_is_ended()
    {
        _nodes.Follow(0, 1);
        Begin(edge: 0);
        _nodes.FollowLate(0, 0, 1, 2);
        FakeLease[] ends = [.. _users.Select(user => _nodes[0].Lease(user, Status.Offline))];
        Advance(500);
        _nodes.CatchUp();
        // What was said to who is home no more is known by nobody: it is as a loss.
        Advance(_nodes[0].Options.EdgeHoldMs + 3_000);
        Assert.All(ends, static lease => Assert.True(lease.Answer is not null || lease.IsNotDurable));
        Assert.All(_watchers, watcher => Assert.All(_users, user => Assert.Equal(Status.Offline, watcher.StatusOf(user))));
    }

    private void Begin(int edge)
    {
        Renew(edge, Status.Busy);
        for (int node = 0; node < 3; node++)
        {
            _watchers.Add(_nodes[node].Watcher(FirstWatcher + (ulong)node, _users));
        }

        Advance(500);
        AssertNobodyWent();
    }

    private void Renew(int edge, Status status)
    {
        FakeLease[] leases = [.. _users.Select(user => _nodes[edge].Lease(user, status))];
        _nodes.Settle();
        Assert.All(leases, lease => Assert.Equal(status, lease.Answer?.Status));
    }

    private void LoseNode2()
    {
        _nodes.Kill(2);
        _nodes.Follow(0, 1);
        _watchers.RemoveAt(2);
    }

    private void Advance(long ms)
    {
        for (long left = ms; left > 0; left -= 10_000)
        {
            _nodes.Advance(Math.Min(left, 10_000));
            _watchers.ForEach(static watcher => watcher.Heard());
        }
    }

    private static IEnumerable<PresenceEntry> EntriesOf(FakeConnection watcher) => watcher.Frames.SelectMany(static frame => frame.PresenceBatch?.Entries ?? []);

    private void AssertNobodyWent() => Assert.All(_watchers, static watcher => Assert.All(EntriesOf(watcher), static entry => Assert.Equal(Status.Busy, entry.Status)));

    private void AssertChangesAndEnds(int edge)
    {
        Renew(edge, Status.Away);
        Assert.All(_watchers, watcher => Assert.All(_users, user => Assert.Equal(Status.Away, watcher.StatusOf(user))));
        Advance(_nodes[edge].Options.SilentAfterMs + 2_000);
        Assert.All(_watchers, watcher => Assert.All(_users, user => Assert.Equal(Status.Offline, watcher.StatusOf(user))));
    }
}
