using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>OFFLINE over HTTP ends what its user has over HTTP, at whatever node it was said and wherever that is.</summary>
public sealed class HttpOfflineTests : IDisposable
{
    private const ulong Watcher = 1_000_000;
    private const ulong StreamDevice = 5;

    private readonly NodesWorld _nodes = new(2, 1, 3);
    private readonly ulong _user;
    private readonly FakeConnection _watcher;

    public HttpOfflineTests()
    {
        _user = _nodes.UserOf(home: 1);
        _watcher = _nodes[1].Watcher(Watcher, _user);
    }

    public void Dispose() => _nodes.Dispose();

    [Theory]
    [InlineData(0, 2)]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void Leases_and_streams_at_other_nodes_end_at_once_and_no_other_device(int said, int other)
    {
        FakeConnection phone = _nodes[other].Connect(_user, device: 1, status: Status.Away);
        FakeConnection stream = _nodes[other].Connect(_user, StreamDevice, Status.Busy, http: true);
        _nodes[other].Lease(_user, Status.Busy);
        _nodes[said].Connect(_user, device: 6, Status.Online, http: true);
        _nodes.Settle();
        FakeLease offline = Offline(said);
        Assert.Equal(Status.Away, offline.Answer!.Value.Status);
        Assert.Equal((Status.Away, offline.Answer.Value.Version), (_watcher.StatusOf(_user), _watcher.VersionOf(_user)));
        Assert.Equal(CloseCode.Unspecified, stream.ClosedWith);
        Assert.Null(phone.ClosedWith);
        phone.Goodbye();
        AssertGone();
    }

    [Fact]
    public void Nothing_but_a_lease_at_another_node_is_the_last_that_is_seen()
    {
        _nodes[2].Lease(_user, Status.Busy);
        _nodes.Advance(5_000);
        FakeLease offline = Offline(at: 0);
        Assert.Equal((Status.Offline, (long)_watcher.Of(_user).LastActiveMs), (offline.Answer!.Value.Status, _nodes[0].WallMs));
        AssertGone();
    }

    [Fact]
    public void Whose_edge_hears_nothing_is_ended_when_it_is_heard_again()
    {
        FakeConnection stream = _nodes[2].Connect(_user, StreamDevice, Status.Busy, http: true);
        _nodes[2].Lease(_user, Status.Busy);
        _nodes.Settle();
        _nodes.CutOff(2);
        Assert.Equal(Status.Offline, Offline(at: 0).Answer!.Value.Status);
        Assert.Null(stream.ClosedWith);
        _nodes.Advance(8_000);
        _nodes.Cut.Clear();
        _nodes.Advance(1_000);
        Assert.Equal(CloseCode.Unspecified, stream.ClosedWith);
        AssertGone();
    }

    [Fact]
    public void Whose_edge_had_not_named_it_to_the_home_is_ended_when_it_does()
    {
        ulong user = _nodes.MovingTo(1, from: 1).First();
        FakeConnection watcher = _nodes[0].Watcher(Watcher + 1, user);
        _nodes.Follow(0, 2);
        FakeConnection stream = _nodes[2].Connect(user, StreamDevice, Status.Busy, http: true);
        _nodes.Settle();
        _nodes.CutOff(2);
        _nodes.Follow(0, 1, 2);
        FakeLease offline = _nodes[0].Lease(user, Status.Offline);
        _nodes.Advance(1_000);
        _nodes.Cut.Clear();
        _nodes.Advance(1_000);
        Assert.NotNull(offline.Answer);
        Assert.Equal(CloseCode.Unspecified, stream.ClosedWith);
        // What else the user may have had at a node that is on its way is held.
        for (int i = 0; i < 6; i++)
        {
            _nodes.Advance(10_000);
            watcher.Heard();
        }

        Assert.Equal(Status.Offline, watcher.StatusOf(user));
    }

    [Fact]
    public void Who_is_back_over_http_behind_it_stays()
    {
        _nodes[2].Lease(_user, Status.Busy);
        _nodes.Settle();
        _nodes.CutOff(2);
        Offline(at: 0);
        _nodes.Advance(1_000);
        _nodes[2].Lease(_user, Status.Away);
        _nodes.Cut.Clear();
        _nodes.Advance(1_000);
        Assert.Equal(Status.Away, _watcher.StatusOf(_user));
        _nodes.Advance(10_000);
        Assert.Equal(Status.Away, _watcher.StatusOf(_user));
    }

    private FakeLease Offline(int at)
    {
        FakeLease lease = _nodes[at].Lease(_user, Status.Offline);
        _nodes.Settle();
        return lease;
    }

    private void AssertGone()
    {
        _nodes.Advance(1_000);
        Assert.Equal(Status.Offline, _watcher.StatusOf(_user));
        _watcher.Goodbye();
        _nodes.Advance(1_000);
        Assert.All(_nodes.All, static world => Assert.Equal(0, world.Shards.Sum(static shard => shard.Users.Count + shard.Wheel.Armed)));
    }
}
