using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Who leaves when its edge has heard of another ring, but has not come to it on its walk over all that it has: its new home hears of that, too.</summary>
public sealed class LeavingAtRingChangeTests : IDisposable
{
    private const int Edge = 0;
    private const ulong Watcher = 1_000_000;

    private readonly NodesWorld _nodes = new(2, 2, 2);

    public void Dispose() => _nodes.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Its_home_is_gone(int next)
    {
        ulong user = _nodes.UserOf(home: 2);
        while (!NodesWorld.WouldMove(user, to: next, members: [0, 1]))
        {
            user = _nodes.UserOf(home: 2, user + 1);
        }

        Leaves(user, () => _nodes.Kill(2), 0, 1);
    }

    [Fact]
    public void Its_home_is_one_that_has_just_come()
    {
        _nodes.Kill(2);
        _nodes.Follow(0, 1);
        _nodes.Rejoin(2);
        Leaves(_nodes.MovingTo(node: 2, from: 1).First(user => _nodes.HomeOf(user) == 1), static () => { }, 0, 1, 2);
    }

    [Fact]
    public void Its_home_was_here()
    {
        _nodes.Kill(2);
        _nodes.Follow(0, 1);
        _nodes.Rejoin(2);
        Leaves(_nodes.MovingTo(node: 2, from: 1).First(user => _nodes.HomeOf(user) == Edge), static () => { }, 0, 1, 2);
    }

    private void Leaves(ulong user, Action before, params int[] members)
    {
        FakeConnection device = _nodes[Edge].Connect(user), watcher = _nodes[1].Watcher(Watcher, user);
        for (long left = _nodes[Edge].Options.EdgeHoldMs + 10_000; left > 0; left -= 5_000)
        {
            _nodes.Advance(5_000);
            device.Heard();
            watcher.Heard();
        }

        before();
        _nodes.FollowLate(Edge, members);
        _nodes.CatchUp(device.Goodbye);
        long leftMs = _nodes[Edge].WallMs;
        _nodes.Advance(2_000);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
        Assert.InRange((long)watcher.Of(user).LastActiveMs, leftMs - 100, leftMs);
    }
}
