using Presence.LoadClient.Reports;
using Presence.LoadClient.Series;

namespace Presence.LoadClient.Scenarios.Hostile;

/// <summary>
/// Whether the server goes on growing under attack: the median of what was resident in the tenth of it behind half time, and in the last. In the first half pools, caches and compiled code fill.
/// </summary>
internal sealed record MemoryFigures(long EarlyBytes, long LateBytes, long PeakBytes)
{
    private const double MiB = 1 << 20;

    /// <summary>Before that what is to be seen is the runtime's own coming up.</summary>
    private const double LeastSeconds = 120;

    /// <summary>What a heap differs by from one collection to the next.</summary>
    private const double MostGrowth = 0.05;

    public double Growth => ((double)LateBytes / EarlyBytes) - 1;

    /// <returns>Null: it was too short, or the server is not on this machine.</returns>
    public static MemoryFigures? Of(IReadOnlyList<Sample> attack)
    {
        long[] resident = [.. attack.Select(static sample => sample.ServerRssBytes).OfType<long>()];
        if (attack.Count == 0 || resident.Length < attack.Count || attack[^1].Seconds - attack[0].Seconds < LeastSeconds)
        {
            return null;
        }

        int tenth = resident.Length / 10;
        return new MemoryFigures(Median(resident.AsSpan(5 * tenth, tenth)), Median(resident.AsSpan(^tenth..)), resident.Max());
    }

    public IEnumerable<SummaryRow> Rows() =>
    [
        SummaryRow.Of("server MiB (half time · end · peak)", $"{EarlyBytes / MiB:0} · {LateBytes / MiB:0} · {PeakBytes / MiB:0}"),
        SummaryRow.Of("server growth", $"{Growth * 100:0.0} %").Within($"{MostGrowth * 100:0} %", Growth <= MostGrowth),
    ];

    private static long Median(Span<long> values)
    {
        long[] sorted = [.. values];
        Array.Sort(sorted);
        return sorted[sorted.Length / 2];
    }
}
