using Presence.LoadClient.Measuring;
using Presence.LoadClient.Reports;

namespace Presence.LoadClient.Scenarios.Ramp;

/// <summary>What it took to hold them; null: the server is not on this machine.</summary>
/// <param name="HeartbeatsPerSecond">On average.</param>
/// <param name="HeartbeatLatenessMs">How far behind their time heartbeats were.</param>
/// <param name="ServerRssAtStart">Before the first session.</param>
/// <param name="ServerRssMost">While holding.</param>
/// <param name="ServerCores">CPU seconds a second, on average.</param>
/// <param name="ServerGcPauseMsMost">Null: the server does not tell.</param>
internal sealed record HoldFigures(
    double HeartbeatsPerSecond,
    LatencySummary HeartbeatLatenessMs,
    long? ServerRssAtStart,
    long? ServerRssMost,
    double? ServerCores,
    double GeneratorCores,
    long GeneratorRssMost,
    double? ServerGcPauseMsMost)
{
    private const double MiB = 1 << 20;

    public IEnumerable<SummaryRow> Rows()
    {
        yield return SummaryRow.Of("heartbeats/s", $"{HeartbeatsPerSecond:0}");
        yield return SummaryRow.OfLatency("heartbeats late by ms", HeartbeatLatenessMs);
        if (ServerRssMost is { } rss)
        {
            yield return SummaryRow.Of("server MiB (at the start · most while holding)", $"{ServerRssAtStart / MiB:0} · {rss / MiB:0}");
            yield return SummaryRow.Of("cores (server · generator)", $"{ServerCores:0.00} · {GeneratorCores:0.00}");
        }

        yield return SummaryRow.Of("generator MiB", $"{GeneratorRssMost / MiB:0}");
    }
}
