using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>As many devices as a user may have, at whatever nodes: one more is refused where it comes, as on one node.</summary>
public sealed class DevicesBetweenNodesTests : IDisposable
{
    private const int Edge = 0;
    private const int Home = 1;
    private const int Other = 2;

    private readonly NodesWorld _nodes = new(2, 1, 3);
    private readonly ulong _user;
    private readonly List<FakeConnection> _devices = [];
    private readonly FakeConnection _watcher;

    public DevicesBetweenNodesTests()
    {
        _user = _nodes.UserOf(Home);
        _watcher = _nodes[Other].Watcher(1_000_000, _user);
        for (ulong device = 1; device <= 16; device++)
        {
            _devices.Add(_nodes[(int)(device % 2) + 1].Connect(_user, device, Status.Away));
        }

        _nodes.Settle();
    }

    public void Dispose() => _nodes.Dispose();

    [Fact]
    public void A_session_is_told_and_closed()
    {
        FakeConnection more = _nodes[Edge].Connect(_user, device: 17, Status.Busy);
        more.SetStatus(1, Status.Busy);
        _nodes.Settle();
        Assert.Equal((CloseCode.Refused, CloseCode.Refused), (more.GoAway, more.ClosedWith));
        Assert.Contains(more.Errors, static error => error.Code == ErrorCode.Limit && error.Which == LimitNames.Devices && error.Allowed == 16);
        more.Lose();
        Assert.Equal(Status.Away, _watcher.StatusOf(_user));
        _devices[0].Goodbye();
        _nodes.Settle();
        _nodes[Edge].Connect(_user, device: 17, Status.Busy);
        _nodes.Settle();
        Assert.Equal(Status.Busy, _watcher.StatusOf(_user));
    }

    [Fact]
    public void A_lease_is_answered_so_and_is_none()
    {
        FakeLease lease = _nodes[Edge].Lease(_user, Status.Busy);
        _nodes.Settle();
        Assert.Equal(LimitNames.Devices, lease.RefusedBy);
        Assert.Equal(Status.Away, _watcher.StatusOf(_user));
        Assert.Equal(0, _nodes[Edge].Shards.Sum(static shard => shard.Users.Count));
        _devices[0].Goodbye();
        _nodes.Settle();
        lease = _nodes[Edge].Lease(_user, Status.Busy);
        _nodes.Settle();
        Assert.Equal(Status.Busy, lease.Answer?.Status);
    }

    [Fact]
    public void A_gateway_is_told_and_its_next_beat_brings_the_user_up_when_one_has_gone()
    {
        FakeLink link = FakeLink.Live(_nodes[Edge]);
        link.Up(Status.Busy, DeviceKinds.Mobile, _user);
        _nodes.Settle();
        Assert.Equal([(_user, LinkRefusal.Devices)], link.Refused);
        Assert.Equal(0, link.Users);
        link.Beat(_user);
        _nodes.Settle();
        Assert.Equal(2, link.Refused.Count);
        _devices[0].Goodbye();
        _nodes.Settle();
        Assert.Equal(Status.Away, _watcher.StatusOf(_user));
        link.Beat(_user);
        _nodes.Settle();
        Assert.Equal((Status.Online, 1), (_watcher.StatusOf(_user), link.Users));
    }

    [Fact]
    public void A_device_that_comes_from_another_node_takes_no_other_place()
    {
        FakeConnection moved = _nodes[Edge].Connect(_user, device: 1, Status.Busy, resumes: _devices[0].Welcome!.Value.SessionId);
        _nodes.Settle();
        Assert.Equal(Status.Busy, _watcher.StatusOf(_user));
        Assert.Null(moved.ClosedWith);
    }
}
