using Presence.LoadClient.Links;

namespace Presence.LoadClient.Reports.Parts;

/// <summary>What was seen of the users, by links, reads and the verification.</summary>
/// <param name="Sample">Users to be verified.</param>
/// <param name="Verified">Users whose state was asked for at the end and answered.</param>
/// <param name="Wrong">Entries that cannot be right, in the whole run.</param>
/// <param name="LeftOut">Users that answers did not name.</param>
/// <param name="Strangers">Entries about users of somebody else.</param>
/// <param name="First">The first few wrong ones.</param>
internal sealed record StateFigures(
    long Sample, long Verified, long Wrong, long LeftOut, long Strangers, IReadOnlyList<WrongEntry> First)
{
    public static StateFigures Of(EntryJudge judge, Verification verification) =>
        new(verification.Sample, judge.Verified, judge.Wrong, judge.Missing, judge.Strangers, judge.First);

    public IEnumerable<SummaryRow> Rows() =>
    [
        SummaryRow.Of("states verified (asked · answered)", $"{Sample} · {Verified}"),
        SummaryRow.Of("wrong states (seen · left out)", $"{Wrong} · {LeftOut}"),
        .. Strangers > 0 ? [SummaryRow.Of("entries about strangers", $"{Strangers}")] : Array.Empty<SummaryRow>(),
    ];

    public IEnumerable<string> FindWrong()
    {
        if (Verified < Sample)
        {
            yield return $"{Sample - Verified} of {Sample} users that were to be verified were not answered";
        }

        if (LeftOut > 0)
        {
            yield return $"answers left out {LeftOut} users";
        }

        if (Wrong > First.Count)
        {
            yield return $"{Wrong} entries cannot be right; the first are";
        }

        foreach (WrongEntry wrong in First)
        {
            yield return $"{wrong.Where} that user {wrong.User} is {wrong.Sees}; it is {wrong.Expected}";
        }
    }
}
