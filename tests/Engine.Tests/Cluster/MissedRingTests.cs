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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_has_missed_a_ring_is_told_again_of_those_who_are_up_elsewhere(bool isFirst)
    {
        ulong user = _nodes.UserOf(home: 0);
        FakeConnection connection = _nodes[1].Connect(user), watcher = _nodes[1].Watcher(999, user);
        _nodes.Settle();
        // Its home is the same by all three.
        _nodes.FollowLate(late: 0, 0, 1);
        _nodes.FollowLate(late: isFirst ? 1 : 0, 0, 1, 2);
        _nodes.Advance(500);
        _nodes.CatchUp();
        for (int i = 0; i < 6; i++)
        {
            _nodes.Advance(10_000);
            connection.Heard();
            watcher.Heard();
        }

        FakeConnection after = _nodes[2].Watcher(998, user);
        _nodes.Settle();
        Assert.Equal((Status.Online, Status.Online), (watcher.StatusOf(user), after.StatusOf(user)));
        Assert.DoesNotContain(watcher.Frames.SelectMany(static frame => frame.PresenceBatch?.Entries ?? []), static entry => entry.Status == Status.Offline);
    }

    [Fact]
    public void What_is_said_by_a_ring_that_its_home_does_not_follow_yet_waits_until_it_does()
    {
        _nodes.Follow(1, 2);
        ulong user = _nodes.MovingTo(node: 0, from: 1).First();
        FakeConnection connection = _nodes[1].Connect(user), watcher = _nodes[2].Watcher(999, user);
        _nodes.Settle();
        _nodes.FollowLate(late: 0, 0, 1, 2);
        connection.SetStatus(7, Status.Busy);
        _nodes.Advance(500);
        Assert.False(connection.IsAcked(7));
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        _nodes.CatchUp();
        _nodes.Settle();
        Assert.True(connection.IsAcked(7));
        Assert.Equal(Status.Busy, watcher.StatusOf(user));
        Assert.DoesNotContain(connection.Frames, static frame => frame.Error is not null);
    }
}
