using Presence.LoadClient.Fleets;

namespace Presence.LoadClient.Reports.Parts;

/// <summary>What became of the connections of a fleet.</summary>
/// <param name="Asked">On the command line.</param>
/// <param name="Up">At the end.</param>
/// <param name="RampSeconds">From the first connection to the last one's answered watch.</param>
/// <param name="Failed">Tries to come up that failed, by reason.</param>
/// <param name="Lost">Those that came up and were lost though nobody dropped them, by reason.</param>
/// <param name="Errors">Error frames, by code.</param>
/// <param name="Returned">Times that one came up again.</param>
/// <param name="Paced">Times that the server said when to come back.</param>
internal sealed record ConnectionFigures(
    long Asked,
    long Up,
    double RampSeconds,
    IReadOnlyDictionary<string, long> Failed,
    IReadOnlyDictionary<string, long> Lost,
    IReadOnlyDictionary<string, long> Errors,
    long Returned,
    long Paced)
{
    public static ConnectionFigures Of(Fleet fleet, TimeSpan ramp) => new(
        fleet.Asked, fleet.Up, ramp.TotalSeconds, fleet.Failed.Counts, fleet.Lost.Counts, fleet.Errors.Counts, fleet.Returned, fleet.Paced);

    /// <param name="whose">What the fleet is called where a run has several: <c>watcher </c>.</param>
    public IEnumerable<SummaryRow> Rows(string whose = "") =>
    [
        SummaryRow.Of($"{whose}connections (asked · up at the end)", $"{Asked} · {Up}"),
        SummaryRow.Of($"{whose}ramp", $"{RampSeconds:0.0} s"),
        .. Returned > 0 ? [SummaryRow.Of($"{whose}came back (times · told when)", $"{Returned} · {Paced}")] : Array.Empty<SummaryRow>(),
        .. SummaryRow.OfCounts($"{whose}failed", Failed),
        .. SummaryRow.OfCounts($"{whose}lost", Lost),
        .. SummaryRow.OfCounts($"{whose}error", Errors),
    ];

    /// <summary>Everybody is up in the end, and the server refused nothing.</summary>
    public IEnumerable<string> FindWrong()
    {
        if (Up < Asked)
        {
            yield return $"{Asked - Up} of {Asked} connections are not up at the end";
        }

        foreach ((string code, long count) in Errors)
        {
            yield return $"the server answered {count} times with Error {code}";
        }
    }
}
