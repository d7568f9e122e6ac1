using Presence.LoadClient.Measuring;
using Presence.LoadClient.Reports;

namespace Presence.LoadClient.Scenarios.Ramp;

/// <summary>What it took to hold them; null: the server is not on this machine.</summary>
/// <param name="HeartbeatsPerSecond">On average.</param>
/// <param name="HeartbeatLatenessMs">How far behind their time heartbeats were.</param>
/// <param name="ServerRssAtStart">Before the first session.</param>
/// <param name="ServerRssMost">While holding.</param>
/// <param name="ServerCores">CPU seconds a second, on average.</param>
internal sealed record HoldFigures(
    double HeartbeatsPerSecond,
    LatencySummary HeartbeatLatenessMs,
    long? ServerRssAtStart,
    long? ServerRssMost,
    double? ServerCores,
    double GeneratorCores,
    long GeneratorRssMost)
{
    private const double MiB = 1 << 20;

    /// <param name="isReference">The budgets of <see cref="ReferenceLoad"/> hold.</param>
    public IEnumerable<SummaryRow> Rows(bool isReference)
    {
        SummaryRow Judged(SummaryRow row, FormattableString budget, bool isMet) => isReference ? row.Within(budget, isMet) : row;

        yield return SummaryRow.Of("heartbeats/s", $"{HeartbeatsPerSecond:0}");
        yield return SummaryRow.OfLatency("heartbeats late by ms", HeartbeatLatenessMs);
        if (ServerRssMost is { } rss)
        {
            yield return Judged(
                SummaryRow.Of("server MiB (at the start · most while holding)", $"{ServerRssAtStart / MiB:0} · {rss / MiB:0}"),
                $"≤ {ReferenceLoad.ServerGiB} GiB", rss <= ReferenceLoad.ServerGiB * MiB * 1024);
            yield return Judged(
                SummaryRow.Of("cores (server · generator)", $"{ServerCores:0.00} · {GeneratorCores:0.00}"),
                $"≤ {ReferenceLoad.Cores} together", ServerCores + GeneratorCores <= ReferenceLoad.Cores);
        }

        yield return SummaryRow.Of("generator MiB", $"{GeneratorRssMost / MiB:0}");
    }
}
