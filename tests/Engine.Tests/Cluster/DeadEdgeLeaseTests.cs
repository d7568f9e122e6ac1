using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>
/// Whoever has a lease has no connection that tells of the death of its node, and renews it in its own time, at another: it lasts d + 2δ from its last renewal, and as long as whoever was at that node is held.
/// </summary>
public sealed class DeadEdgeLeaseTests : IDisposable
{
    private const int Edge = 2;
    private const int Home = 1;
    private const ulong Watcher = 1_000_000;

    private readonly NodesWorld _nodes = new(2, 1, 3);
    private readonly ulong _user;
    private readonly FakeConnection _watcher;

    public DeadEdgeLeaseTests()
    {
        _user = _nodes.UserOf(Home);
        _watcher = _nodes[Home].Watcher(Watcher, _user);
    }

    public void Dispose() => _nodes.Dispose();

    private ShardOptions Options => _nodes[Home].Options;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Renewed_just_before_its_edge_was_killed_it_lasts_d_and_two_tolerances(bool homeHasItByName)
    {
        Renew(Edge);
        _nodes.Advance(5_000);
        if (homeHasItByName)
        {
            // Not by its renewals: they were before the channel began anew.
            _nodes.Cut.Add((Edge, Home));
            _nodes.Advance(500);
            _nodes.Cut.Clear();
            _nodes.Advance(500);
        }

        long renewed = _nodes[Home].WallMs - (homeHasItByName ? 6_000 : 5_000);
        _nodes.Kill(Edge);
        AdvanceTo(renewed + Options.SilentAfterMs - 500);
        Assert.Equal(Status.Busy, _watcher.StatusOf(_user));
        AdvanceTo(renewed + Options.SilentAfterMs + 300);
        Assert.Equal((Status.Offline, (ulong)renewed), (_watcher.StatusOf(_user), _watcher.Of(_user).LastActiveMs));
    }

    [Fact]
    public void Its_renewal_in_time_at_another_node_is_no_transition()
    {
        Renew(Edge);
        ulong version = _watcher.VersionOf(_user);
        _nodes.Advance(1_000);
        _nodes.Kill(Edge);
        AdvanceTo(_nodes[Home].WallMs + 30_000);
        Renew(at: 0);
        AdvanceTo(_nodes[Home].WallMs + 30_000);
        Assert.Equal((Status.Busy, version), (_watcher.StatusOf(_user), _watcher.VersionOf(_user)));
    }

    [Fact]
    public void About_to_end_when_its_edge_was_killed_it_is_held_as_all_others()
    {
        Renew(Edge);
        AdvanceTo(_nodes[Home].WallMs + Options.SilentAfterMs - 2_000);
        _nodes.Kill(Edge);
        long died = _nodes[Home].WallMs;
        AdvanceTo(died + Options.HoldMs - 300);
        Assert.Equal(Status.Busy, _watcher.StatusOf(_user));
        AdvanceTo(died + Options.HoldMs + 300);
        Assert.Equal(Status.Offline, _watcher.StatusOf(_user));
    }

    [Fact]
    public void A_stream_whose_edge_was_killed_is_held_as_any_session()
    {
        _nodes[Edge].Connect(_user, device: 5, Status.Busy, http: true);
        _nodes.Advance(1_000);
        _nodes.Kill(Edge);
        long died = _nodes[Home].WallMs;
        AdvanceTo(died + Options.HoldMs - 300);
        Assert.Equal(Status.Busy, _watcher.StatusOf(_user));
        AdvanceTo(died + Options.HoldMs + 300);
        Assert.Equal(Status.Offline, _watcher.StatusOf(_user));
    }

    private void Renew(int at)
    {
        FakeLease lease = _nodes[at].Lease(_user, Status.Busy);
        _nodes.Settle();
        Assert.Equal(Status.Busy, lease.Answer?.Status);
    }

    private void AdvanceTo(long wallMs)
    {
        while (_nodes[Home].WallMs < wallMs)
        {
            _nodes.Advance(Math.Min(10_000, wallMs - _nodes[Home].WallMs));
            _watcher.Heard();
        }
    }
}
