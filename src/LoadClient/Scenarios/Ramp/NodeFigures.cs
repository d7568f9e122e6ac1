using Presence.LoadClient.Machine;
using Presence.LoadClient.Reports;

namespace Presence.LoadClient.Scenarios.Ramp;

/// <summary>What the server said of its own process: its managed heap, the pauses that cost, and how long a shard kept others waiting.</summary>
/// <param name="ManagedHeapMost">Bytes as a collection left them, ramp included.</param>
/// <param name="ManagedLarge">Of the managed heap at the end, large arrays.</param>
/// <param name="ManagedPinned">Of the managed heap at the end, pinned arrays.</param>
/// <param name="Collections">Of the garbage collector, since the server began.</param>
/// <param name="GcPauseMsTotal">Of all of them.</param>
/// <param name="GcPauseMsLongest">Of one of them.</param>
/// <param name="CollectionsInHold">While holding.</param>
/// <param name="GcPauseMsInHold">Of those, together.</param>
/// <param name="TurnMsLongestInRamp">
/// Of a shard, until all sessions were up and visible; by the clock, so that what other threads took of its core is in it.
/// </param>
/// <param name="TurnMsLongest">The same with the hold.</param>
internal sealed record NodeFigures(
    long ManagedHeapMost,
    long ManagedLarge,
    long ManagedPinned,
    long Collections,
    double GcPauseMsTotal,
    double GcPauseMsLongest,
    long CollectionsInHold,
    double GcPauseMsInHold,
    double TurnMsLongestInRamp,
    double TurnMsLongest)
{
    /// <param name="heapMost">Of all samples of the run.</param>
    /// <param name="holdBegins">What the server said before the hold.</param>
    /// <param name="holdEnds">And at its end.</param>
    public static NodeFigures Of(long heapMost, NodeUsage holdBegins, NodeUsage holdEnds) => new(
        heapMost,
        holdEnds.LargeBytes,
        holdEnds.PinnedBytes,
        holdEnds.Collections,
        holdEnds.Pauses.TotalMilliseconds,
        holdEnds.LongestPause.TotalMilliseconds,
        holdEnds.Collections - holdBegins.Collections,
        (holdEnds.Pauses - holdBegins.Pauses).TotalMilliseconds,
        holdBegins.LongestTurn.TotalMilliseconds,
        holdEnds.LongestTurn.TotalMilliseconds);

    /// <param name="isReference">The budgets of <see cref="ReferenceLoad"/> hold.</param>
    public IEnumerable<SummaryRow> Rows(bool isReference)
    {
        var heap = SummaryRow.Of(
            "server managed heap MB (most · of it at the end large · pinned arrays)",
            $"{ManagedHeapMost / 1e6:0.0} · {ManagedLarge / 1e6:0.0} · {ManagedPinned / 1e6:0.0}");
        return
        [
            isReference ? heap.Within($"≤ {ReferenceLoad.ManagedHeapMB} MB", ManagedHeapMost <= ReferenceLoad.ManagedHeapMB * 1e6) : heap,
            SummaryRow.Of(
                "server GC, since it began (collections · pauses ms · longest)", $"{Collections} · {GcPauseMsTotal:0.0} · {GcPauseMsLongest:0.0}"),
            SummaryRow.Of("server GC, while holding (collections · pauses ms)", $"{CollectionsInHold} · {GcPauseMsInHold:0.0}"),
            SummaryRow.Of("longest turn of a shard ms (while they came up · in all)", $"{TurnMsLongestInRamp:0.0} · {TurnMsLongest:0.0}"),
        ];
    }
}
