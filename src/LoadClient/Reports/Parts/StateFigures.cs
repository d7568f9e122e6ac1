using Presence.LoadClient.Links;

namespace Presence.LoadClient.Reports.Parts;

/// <summary>What was seen of the users, by links, reads and the verification.</summary>
/// <param name="Sample">Users to be verified.</param>
/// <param name="Verified">Users whose state was asked for at the end and answered.</param>
/// <param name="Wrong">Entries that cannot be right, in the whole run.</param>
/// <param name="LeftOut">Users that answers did not name.</param>
/// <param name="Twice">Users that an answer named again.</param>
/// <param name="NotAsked">Users that answers named and nobody had asked about.</param>
/// <param name="Strangers">Entries about users of somebody else, unasked.</param>
/// <param name="First">The first few wrong ones.</param>
/// <param name="FirstInAnswers">The first few that answers left out, named twice, or named unasked.</param>
internal sealed record StateFigures(
    long Sample,
    long Verified,
    long Wrong,
    long LeftOut,
    long Twice,
    long NotAsked,
    long Strangers,
    IReadOnlyList<WrongEntry> First,
    IReadOnlyList<AnswerFault> FirstInAnswers)
{
    public static StateFigures Of(EntryJudge judge, Verification verification) => new(
        verification.Sample,
        judge.Verified,
        judge.Wrong,
        judge.Answers.LeftOut,
        judge.Answers.Twice,
        judge.Answers.NotAsked,
        judge.Strangers,
        judge.First,
        judge.Answers.First);

    public IEnumerable<SummaryRow> Rows() =>
    [
        SummaryRow.Of("states verified (asked · answered)", $"{Sample} · {Verified}"),
        SummaryRow.Of("wrong states (seen · left out)", $"{Wrong} · {LeftOut}"),
        .. Twice + NotAsked > 0
            ? [SummaryRow.Of("wrong answers (a user twice · not asked for)", $"{Twice} · {NotAsked}")]
            : Array.Empty<SummaryRow>(),
        .. Strangers > 0 ? [SummaryRow.Of("entries about strangers", $"{Strangers}")] : Array.Empty<SummaryRow>(),
    ];

    public IEnumerable<string> FindWrong()
    {
        if (Verified < Sample)
        {
            yield return $"{Sample - Verified} of {Sample} users that were to be verified were not answered";
        }

        if (LeftOut + Twice + NotAsked > 0)
        {
            yield return $"answers left out {LeftOut} users, named {Twice} twice and {NotAsked} that were not asked for; the first are";
        }

        foreach (AnswerFault fault in FirstInAnswers)
        {
            yield return $"user {fault.User} {fault.Fault}";
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
