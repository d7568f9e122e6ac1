using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>The home of a user has as many users as it may have: whoever brings another is told, at whatever node.</summary>
public sealed class FullHomeTests : IDisposable
{
    private const int Edge = 0;
    private const int Home = 1;
    private const int MaxUsers = 3;

    private readonly NodesWorld _nodes = new(new ShardOptions { MaxUsers = MaxUsers }, [2, 1, 3]);
    private readonly List<FakeConnection> _there = [];
    private readonly ulong _user;

    public FullHomeTests()
    {
        ulong user = 0;
        for (int i = 0; i < MaxUsers; i++)
        {
            user = _nodes.UserOf(Home, from: user + 1);
            _there.Add(_nodes[Home].Connect(user));
        }

        _user = _nodes.UserOf(Home, from: user + 1);
        _nodes.Settle();
    }

    public void Dispose() => _nodes.Dispose();

    [Fact]
    public void A_session_is_told_to_come_back_and_closed()
    {
        FakeConnection session = _nodes[Edge].Connect(_user);
        session.SetStatus(1, Status.Busy);
        _nodes.Settle();
        Assert.Equal(CloseCode.Overloaded, session.ClosedWith);
        Assert.Contains(session.Errors, static error => error.Code == ErrorCode.Overloaded && error.Which == ShardOptions.Users && error.ReconnectAfterMs > 0);
        session.Lose();
        AssertNothingIsLeft();
        _there[0].Goodbye();
        _nodes.Settle();
        _nodes[Edge].Connect(_user);
        _nodes.Settle();
        Assert.Equal(Status.Online, _nodes[Home].Ask(_user).Status);
    }

    [Fact]
    public void A_lease_is_answered_so_and_is_none()
    {
        FakeLease lease = _nodes[Edge].Lease(_user, Status.Busy);
        _nodes.Settle();
        Assert.Equal((ShardOptions.Users, false), (lease.RefusedBy, lease.IsNotDurable));
        AssertNothingIsLeft();
    }

    [Fact]
    public void A_gateway_is_told_of_its_user()
    {
        FakeLink link = FakeLink.Live(_nodes[Edge]);
        link.Up(_user);
        _nodes.Settle();
        Assert.Equal([(_user, LinkRefusal.Users)], link.Refused);
        Assert.Equal(0, link.Users);
        _there[0].Goodbye();
        _nodes.Settle();
        link.Beat(_user);
        _nodes.Settle();
        Assert.Equal(Status.Online, _nodes[Home].Ask(_user).Status);
    }

    private void AssertNothingIsLeft() => Assert.Equal(0, _nodes[Edge].Shards.Sum(static shard => shard.Users.Count));
}
