using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A node reads slowly, or not at all, while it is a member: what waits for it is bounded, nobody else notices, and it knows all in the end.</summary>
public sealed class SlowNodeTests : IDisposable
{
    private const int Edge = 0;
    private const int Slow = 1;
    private const int Other = 2;
    private const ulong Watcher = 1_000_000;

    // Things that may collect; each that comes and goes says two.
    private const int Most = 1 << 18;
    private const int Comings = (Most / 2) + 20_000;

    private readonly NodesWorld _nodes = new(1, 1, 1);

    public void Dispose() => _nodes.Dispose();

    [Fact]
    public void Each_shard_has_one_batch_on_its_way_to_it_and_then_the_latest_of_each_user()
    {
        ulong user = _nodes.UserOf(Edge);
        FakeConnection device = _nodes[Edge].Connect(user), watcher = _nodes[Slow].Watcher(Watcher, user), other = _nodes[Other].Watcher(Watcher + 1, user);
        _nodes.Settle();
        _nodes.Slow.Add(Slow);
        for (uint i = 1; i <= 4; i++)
        {
            device.SetStatus(i, i % 2 == 0 ? Status.Online : Status.Busy);
            _nodes.Advance(500);
        }

        Assert.True(device.IsAcked(4));
        // The device has come, too.
        Assert.Equal(5, other.Updates.Count());
        Assert.Equal(2, _nodes.UnderWay.Count());
        int before = watcher.Frames.Count;
        _nodes.Slow.Clear();
        _nodes.Settle();
        Assert.Equal(other.VersionOf(user), watcher.VersionOf(user));
        Assert.InRange(watcher.Frames.Count - before, 1, 2);
    }

    [Fact]
    public void What_has_collected_beyond_all_measure_is_dropped_and_all_is_said_anew()
    {
        ulong user = _nodes.UserOf(Slow);
        FakeConnection device = _nodes[Edge].Connect(user), watcher = _nodes[Other].Watcher(Watcher, user);
        _nodes.Settle();
        _nodes.Slow.Add(Slow);
        for (int i = 0; i < Comings; i++)
        {
            device.Goodbye();
            device = _nodes[Edge].Connect(user);
            if (i % 10_000 == 0)
            {
                _nodes.Settle();
            }
        }

        _nodes.Settle();
        // The one that was on its way, of the slow node's watermark one, and what was said anew meanwhile.
        Assert.InRange(_nodes.UnderWay.Count(), 2, 4);
        Assert.All(_nodes.UnderWay, static batch => Assert.InRange(batch.Weight, 0, Most));
        _nodes.Slow.Clear();
        _nodes.Advance(2_000);
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        device.Goodbye();
        _nodes.Settle();
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
    }
}
