using Presence.LoadClient.Measuring;
using Presence.LoadClient.Reports;
using Presence.LoadClient.Reports.Parts;

namespace Presence.LoadClient.Scenarios.Storm;

/// <summary>What became of the links in one storm.</summary>
/// <param name="BackSeconds">Until the last was welcomed again.</param>
/// <param name="Resumed">Whose set the server had kept.</param>
internal sealed record LinkStormFigures(double BackSeconds, int Resumed);

/// <summary>What became of the users on links.</summary>
/// <param name="Asked">Users.</param>
/// <param name="Up">Named, and taken by the server.</param>
/// <param name="NotKept">Times that a link was back within the hold and the server had not kept its set.</param>
/// <param name="Views">Of the direct sessions that stayed.</param>
internal sealed record LinkStormReport(long Asked, long Up, long NotKept, LinkFigures Links, Comparison Views, StateFigures States)
{
    public IEnumerable<SummaryRow> Rows() =>
    [
        SummaryRow.Of("sessions on links (asked · up)", $"{Asked} · {Up}"),
        .. Links.Rows(),
        .. Views.Rows().Select(static row => row with { Name = $"of users on links: {row.Name}" }),
        .. States.Rows(),
    ];

    public IEnumerable<string> FindWrong()
    {
        if (Up < Asked)
        {
            yield return $"only {Up} of {Asked} users on links are up at the end";
        }

        if (NotKept > 0)
        {
            yield return $"{NotKept} times a link was back within the hold and the server had not kept its set";
        }

        foreach (string wrong in Links.FindWrong().Concat(Views.FindWrong()).Concat(States.FindWrong()))
        {
            yield return wrong;
        }
    }
}
