using Presence.Engine;
using Xunit;

namespace Presence.Server.Tests.Storage.Journal;

/// <summary>What the journal costs on a shard's thread.</summary>
public sealed class LaneTests : IDisposable
{
    private const int WarmUp = 5;
    private const int Rounds = 20;

    // Seven blocks: what a fast disk leaves waiting of a million changes a second.
    private const int Changes = 10_000;

    private readonly JournalFixture _journal = new();

    public void Dispose() => _journal.Dispose();

    [Fact]
    public void Changes_allocate_nothing()
    {
        IJournalLane lane = _journal.Lane();
        JournalEntry entry = JournalFixture.Entry(1, 1) with { Text = "in a meeting"u8.ToArray() };
        // Of any round: a collection, which other tests bring about, adds to one what was left of the thread's room. What a change costs is in each.
        long allocated = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int change = 0; change < Changes; change++)
            {
                lane.Append(entry);
            }

            lane.AppendWatermark(_journal.NowMs, clock: 1);
            lane.HandOver(commit: null);
            allocated = round < WarmUp ? allocated : Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            _journal.Loop.Turn();
        }

        Assert.Equal(0, allocated);
        Assert.Equal(Rounds, _journal.Loop.Commits);
    }
}
