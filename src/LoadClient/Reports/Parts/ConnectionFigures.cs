using Presence.LoadClient.Connections;
using Presence.LoadClient.Fleets;
using Presence.LoadClient.Measuring;

namespace Presence.LoadClient.Reports.Parts;

/// <summary>What became of the connections of a run.</summary>
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
    private static readonly string[] _faults = [Session.Malformed, Session.AckBeforeWelcome];

    /// <summary>Several fleets taken together.</summary>
    public static ConnectionFigures Of(IReadOnlyList<Fleet> fleets, TimeSpan ramp) => new(
        fleets.Sum(static fleet => fleet.Asked),
        fleets.Sum(static fleet => fleet.Up),
        ramp.TotalSeconds,
        Tally.Sum(fleets.Select(static fleet => fleet.Failed)).Counts,
        Tally.Sum(fleets.Select(static fleet => fleet.Lost)).Counts,
        Tally.Sum(fleets.Select(static fleet => fleet.Errors)).Counts,
        fleets.Sum(static fleet => fleet.Returned),
        fleets.Sum(static fleet => fleet.Paced));

    public IEnumerable<SummaryRow> Rows() =>
    [
        SummaryRow.Of("connections (asked · up at the end)", $"{Asked} · {Up}"),
        SummaryRow.Of("ramp", $"{RampSeconds:0.0} s"),
        .. Returned > 0 ? [SummaryRow.Of("came back (times · told when)", $"{Returned} · {Paced}")] : Array.Empty<SummaryRow>(),
        .. SummaryRow.OfCounts("failed", Failed),
        .. SummaryRow.OfCounts("lost", Lost),
        .. SummaryRow.OfCounts("error", Errors),
    ];

    /// <summary>Everybody is up in the end, and the server refused nothing and kept to the protocol.</summary>
    /// <param name="allowed">Codes of Error that are no fault in this scenario.</param>
    public IEnumerable<string> FindWrong(params string[] allowed)
    {
        if (Up < Asked)
        {
            yield return $"{Asked - Up} of {Asked} connections are not up at the end";
        }

        foreach (string fault in _faults)
        {
            long count = Failed.GetValueOrDefault(fault) + Lost.GetValueOrDefault(fault);
            if (count > 0)
            {
                yield return $"the server broke the protocol {count} times: {fault}";
            }
        }

        foreach ((string code, long count) in Errors.Where(error => !allowed.Contains(error.Key)))
        {
            yield return $"the server answered {count} times with Error {code}";
        }
    }
}
