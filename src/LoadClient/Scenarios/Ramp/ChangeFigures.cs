using Presence.LoadClient.Measuring;
using Presence.LoadClient.Reports;

namespace Presence.LoadClient.Scenarios.Ramp;

/// <summary>The changes of the hold, as all links were told of them.</summary>
/// <param name="LatenessMs">How far behind its time each was said: the generator's own share of the latencies.</param>
/// <param name="ToldMs">From the moment a change was meant to be said to its entry on each link.</param>
/// <param name="Told">Entries over all links.</param>
/// <param name="LinksThatSawAll">Links that were told of every change exactly once.</param>
/// <param name="LinksThereAllTheTime">Links that were not lost, and have to be.</param>
internal sealed record ChangeFigures(
    double AskedPerSecond,
    long Said,
    LatencySummary LatenessMs,
    LatencySummary ToldMs,
    long Told,
    int LinksThatSawAll,
    int LinksThereAllTheTime)
{
    public IEnumerable<SummaryRow> Rows(double seconds) =>
    [
        SummaryRow.Of("changes (asked/s · said/s · said)", $"{AskedPerSecond:0.##} · {Said / seconds:0.##} · {Said}"),
        SummaryRow.OfLatency("changes said late by ms", LatenessMs),
        SummaryRow.OfLatency("change to link ms", ToldMs),
        SummaryRow.Of("links told of every change once", $"{LinksThatSawAll} of {LinksThereAllTheTime}"),
    ];

    public IEnumerable<string> FindWrong()
    {
        if (LinksThatSawAll < LinksThereAllTheTime)
        {
            int others = LinksThereAllTheTime - LinksThatSawAll;
            yield return $"{others} of {LinksThereAllTheTime} links were not told of every change exactly once";
        }
    }
}
