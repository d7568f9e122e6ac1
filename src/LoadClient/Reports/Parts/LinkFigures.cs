using Presence.LoadClient.Links;

namespace Presence.LoadClient.Reports.Parts;

/// <summary>What became of the links.</summary>
/// <param name="Live">At the end.</param>
/// <param name="Lost">Connections lost without being dropped, by reason.</param>
/// <param name="HeldUp">Frames the server asked to have once more, by code.</param>
/// <param name="Errors">Whatever else it complained of, by code.</param>
internal sealed record LinkFigures(
    int Asked,
    int Live,
    IReadOnlyDictionary<string, long> Lost,
    IReadOnlyDictionary<string, long> HeldUp,
    IReadOnlyDictionary<string, long> Errors)
{
    public static LinkFigures Of(LinkSet links) => new(
        links.Drivers.Count,
        links.Drivers.Count(static driver => driver.Gateway.IsLive),
        links.Plan.Lost.Counts,
        links.Plan.HeldUp.Counts,
        links.Plan.Errors.Counts);

    public IEnumerable<SummaryRow> Rows() =>
    [
        SummaryRow.Of("links (asked · live at the end)", $"{Asked} · {Live}"),
        .. SummaryRow.OfCounts("link lost", Lost),
        .. SummaryRow.OfCounts("link held up", HeldUp),
        .. SummaryRow.OfCounts("link error", Errors),
    ];

    public IEnumerable<string> FindWrong()
    {
        if (Live < Asked)
        {
            yield return $"{Asked - Live} of {Asked} links are not live at the end";
        }

        foreach ((string reason, long count) in Lost)
        {
            yield return $"links were lost {count} times: {reason}";
        }

        foreach ((string code, long count) in Errors)
        {
            yield return $"the server answered {count} times with Error {code}";
        }
    }
}
