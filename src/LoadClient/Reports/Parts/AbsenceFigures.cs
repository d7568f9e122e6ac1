using Presence.LoadClient.Measuring;

namespace Presence.LoadClient.Reports.Parts;

/// <summary>What was seen of users that lost their connection.</summary>
/// <param name="FalseOfflines">Times that a watcher was told of somebody as offline whose hold was not over.</param>
/// <param name="NotResumed">Times that somebody was back within the hold, and the server says it was seen to go.</param>
/// <param name="TooLate">Times that somebody came back after the hold, meant or not.</param>
internal sealed record AbsenceFigures(long FalseOfflines, long NotResumed, long TooLate, IReadOnlyList<string> First)
{
    public static AbsenceFigures Of(Absences absences) =>
        new(absences.FalseOfflines, absences.NotResumed, absences.TooLate, absences.Wrong);

    public IEnumerable<SummaryRow> Rows() =>
    [
        SummaryRow.Of("false offlines seen", $"{FalseOfflines}"),
        SummaryRow.Of("back within the hold, not resumed", $"{NotResumed}"),
        SummaryRow.Of("back after the hold", $"{TooLate}"),
    ];

    public IEnumerable<string> FindWrong()
    {
        if (FalseOfflines > 0)
        {
            yield return $"{FalseOfflines} times a watcher was told that somebody is offline who was not";
        }

        if (NotResumed > 0)
        {
            yield return $"{NotResumed} times somebody was back within the hold and not resumed";
        }

        foreach (string wrong in First)
        {
            yield return wrong;
        }
    }
}
