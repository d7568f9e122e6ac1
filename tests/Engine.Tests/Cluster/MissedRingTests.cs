using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Who has not heard of a ring does not know whose users were whose meanwhile.</summary>
public sealed class MissedRingTests : IDisposable
{
    private readonly NodesWorld _nodes = new(1, 1, 1);

    public void Dispose() => _nodes.Dispose();

    [Fact]
    public void A_home_that_was_taken_for_dead_knows_nothing_of_what_was_said_meanwhile()
    {
        ulong user = _nodes.UserOf(home: 0);
        FakeConnection connection = _nodes[1].Connect(user);
        FakeConnection watcher = _nodes[1].Watcher(999, user);
        _nodes.Settle();
        connection.SetStatus(1, Status.Invisible);
        _nodes.Settle();
        Assert.Equal(Status.Offline, watcher.StatusOf(user));

        // It stands still, and another is the home, which is told something else.
        _nodes.Still.Add(0);
        _nodes.Expel(0);
        _nodes.Follow(1, 2);
        connection.SetStatus(2, Status.Busy);
        _nodes.Settle();
        Assert.True(connection.IsAcked(2));

        // It goes on, and hears only of the ring by which it is the home again.
        _nodes.Still.Remove(0);
        _nodes.Follow(0, 1, 2);
        _nodes.Rejoin(0);
        _nodes.Advance(3_000);
        Assert.Equal(Status.Busy, watcher.StatusOf(user));
    }
}
