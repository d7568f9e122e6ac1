using Presence.LoadClient.Measuring;
using Presence.LoadClient.Reports;

namespace Presence.LoadClient.Scenarios.Ramp;

/// <param name="AskedPerSecond">Ids, on the command line.</param>
/// <param name="Answered">Ids.</param>
/// <param name="LatencyMs">From when a query was meant to be asked to the end of its answer.</param>
/// <param name="Open">Queries without an answer.</param>
/// <param name="Lost">Ids whose answer went with a connection.</param>
/// <param name="PassedOver">Queries that were due at a link that was away.</param>
internal sealed record ReadFigures(double AskedPerSecond, long Answered, LatencySummary LatencyMs, int Open, long Lost, long PassedOver)
{
    public IEnumerable<SummaryRow> Rows(double seconds) =>
    [
        SummaryRow.Of("users read (asked/s · answered/s · answered)", $"{AskedPerSecond:0.##} · {Answered / seconds:0.##} · {Answered}"),
        SummaryRow.OfLatency("query ms", LatencyMs),
    ];

    public IEnumerable<string> FindWrong()
    {
        if (Open > 0)
        {
            yield return $"{Open} queries were not answered";
        }
    }
}
