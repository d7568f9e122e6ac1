using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Who sets a status while its home becomes another is answered when that has applied it, and what it says last counts.</summary>
public sealed class StatusesAgainTests : IDisposable
{
    private const int Edge = 1;

    private readonly NodesWorld _nodes = new(1, 1, 1);
    private readonly ulong _user;
    private readonly FakeConnection _device;
    private readonly FakeConnection _watcher;

    public StatusesAgainTests()
    {
        _nodes.Follow(0, 1);
        // At home at 0 until 2 is a member.
        _user = _nodes.MovingTo(node: 2, from: 1).First(user => _nodes.HomeOf(user) == 0);
        _device = _nodes[Edge].Connect(_user);
        _watcher = _nodes[0].Watcher(999, _user);
        _nodes.Settle();
    }

    public void Dispose() => _nodes.Dispose();

    [Fact]
    public void Who_speaks_to_who_is_not_its_home_any_more_is_heard_by_who_is()
    {
        _nodes.FollowLate(late: Edge, 0, 1, 2);
        _device.SetStatus(7, Status.Busy);
        _nodes.Advance(300);
        Assert.False(_device.IsAcked(7));
        _nodes.CatchUp();
        AssertIs(Status.Busy);
        Assert.True(_device.IsAcked(7));
    }

    [Fact]
    public void What_is_said_behind_it_stays_behind_it()
    {
        _nodes.FollowLate(late: Edge, 0, 1, 2);
        _device.SetStatus(7, Status.Invisible);
        _nodes.Settle();
        _device.SetStatus(8, Status.Busy);
        _nodes.Settle();
        _device.SetStatus(9, Status.Away);
        _nodes.CatchUp();
        AssertIs(Status.Away);
        Assert.All([7UL, 8UL, 9UL], request => Assert.True(_device.IsAcked(request)));
    }

    [Fact]
    public void It_is_the_edge_itself_that_becomes_the_home()
    {
        ulong user = _nodes.MovingTo(node: 2, from: 1).First(user => _nodes.HomeOf(user) == 0);
        FakeConnection device = _nodes[2].Connect(user);
        _nodes.Settle();
        _nodes.FollowLate(late: 2, 0, 1, 2);
        device.SetStatus(7, Status.Busy);
        _nodes.Settle();
        device.SetStatus(8, Status.Away);
        _nodes.CatchUp();
        _nodes.Advance(300);
        Assert.Equal(Status.Away, _watcher.StatusOf(user));
        Assert.All([7UL, 8UL], request => Assert.True(device.IsAcked(request)));
    }

    [Fact]
    public void Nobody_waits_for_ever()
    {
        _nodes.FollowLate(late: Edge, 0, 1, 2);
        _device.SetStatus(7, Status.Busy);
        _nodes.Advance(_nodes[Edge].Options.DurableWithinMs + 1_000);
        Assert.Contains(_device.Frames, static frame => frame.Error is { RequestId: 7, Code: ErrorCode.Unavailable });
    }

    [Fact]
    public void A_lease_is_answered_by_its_new_home_and_repeats_nothing()
    {
        _device.SetStatus(1, Status.Invisible);
        _nodes.Settle();
        _nodes.FollowLate(late: Edge, 0, 1, 2);
        FakeLease lease = _nodes[Edge].Lease(_user, Status.Busy, device: 900);
        _nodes.Advance(300);
        Assert.Null(lease.Answer);
        _nodes.CatchUp();
        AssertIs(Status.Busy);
        Assert.NotNull(lease.Answer);
    }

    private void AssertIs(Status status)
    {
        _nodes.Advance(300);
        Assert.Equal(status, _watcher.StatusOf(_user));
        Assert.DoesNotContain(_device.Frames, static frame => frame.Error is not null);
    }
}
