using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A device is held while its home becomes another, and another again: the time that it was given is the same.</summary>
public sealed class HeldAtRingChangeTests : IDisposable
{
    private const int Edge = 0;
    private const ulong Watcher = 1_000_000;

    private readonly NodesWorld _nodes = new(2, 1, 3);

    private long HoldMs => _nodes[Edge].Options.HoldMs;

    public void Dispose() => _nodes.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(Edge)]
    public void It_is_gone_h_after_its_loss_whatever_homes_it_had(int next)
    {
        FakeConnection watcher = Begin(next, out FakeConnection device, out ulong user);
        device.Lose();
        Move();
        Move();
        _nodes.Advance(HoldMs - 11_000);
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        _nodes.Advance(2_500);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(Edge)]
    public void With_a_slot_it_is_there_until_that_and_gone_h_after_it(int next)
    {
        FakeConnection watcher = Begin(next, out FakeConnection device, out ulong user);
        device.Lose();
        World edge = _nodes[Edge];
        edge.Post(user, inbox => inbox.TryPostLiveness(new SessionDeferred(user, deviceKey: 1) { SlotMs = 10_000, Stamp = edge.ShardOf(user).Clock.At(edge.MonoMs) }));
        Move();
        _nodes.Advance(HoldMs + 10_000 - 6_500);
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        _nodes.Advance(3_000);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
    }

    // Its home is 2, without that the next.
    private FakeConnection Begin(int next, out FakeConnection device, out ulong user)
    {
        ulong one = _nodes.UserOf(home: 2);
        while (!NodesWorld.WouldMove(one, next, members: [0, 1]))
        {
            one = _nodes.UserOf(home: 2, one + 1);
        }

        user = one;
        device = _nodes[Edge].Connect(user);
        FakeConnection watcher = _nodes[1].Watcher(Watcher, user);
        for (long left = _nodes[Edge].Options.EdgeHoldMs + 10_000; left > 0; left -= 5_000)
        {
            _nodes.Advance(5_000);
            device.Heard();
            watcher.Heard();
        }

        return watcher;
    }

    // Away and back: 5 s.
    private void Move()
    {
        _nodes.Advance(3_000);
        _nodes.Follow(0, 1);
        _nodes.Advance(2_000);
        _nodes.Follow(0, 1, 2);
    }
}
