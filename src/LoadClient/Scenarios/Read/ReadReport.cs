using Presence.LoadClient.Measuring;
using Presence.LoadClient.Reports;
using Presence.LoadClient.Reports.Parts;

namespace Presence.LoadClient.Scenarios.Read;

/// <summary>What a run of <c>read</c> came to.</summary>
internal sealed record ReadReport() : RunReport("read", "from the moment a question was meant to be asked to its whole answer")
{
    public required ConnectionFigures Connections { get; init; }

    public required ReadFigures Reads { get; init; }

    public required FlipFigures Flips { get; init; }

    public required AnswerFigures Answers { get; init; }

    public required HeartbeatFigures Heartbeats { get; init; }

    public override IEnumerable<SummaryRow> Rows() =>
    [
        .. Connections.Rows(),
        .. Reads.Rows(Seconds),
        SummaryRow.OfLatency("latency ms", LatencyMs),
        .. Flips.Rows(Seconds),
        SummaryRow.Of("answered users (compared · wrong · missing)", $"{Answers.Compared} · {Answers.Wrong} · {Answers.Missing}"),
        .. Heartbeats.Rows(),
    ];

    protected override IEnumerable<string> FindWrong() =>
        [.. Connections.FindWrong(), .. Reads.FindWrong(), .. Flips.FindWrong(), .. Answers.FindWrong()];
}

/// <param name="AskedPerSecond">User ids, on the command line.</param>
/// <param name="Questions">Frames sent.</param>
/// <param name="Answered">User ids that were answered.</param>
/// <param name="Unanswered">Questions that had no answer in the end.</param>
/// <param name="Lost">Questions whose connection was lost before the answer.</param>
/// <param name="Refused">Questions answered with an Error.</param>
/// <param name="LatenessMs">How far behind its time each was sent.</param>
internal sealed record ReadFigures(
    double AskedPerSecond,
    int IdsPerQuestion,
    long Questions,
    long Answered,
    long Unanswered,
    long Lost,
    long Refused,
    LatencySummary LatenessMs)
{
    public IEnumerable<SummaryRow> Rows(double seconds) =>
    [
        SummaryRow.Of("reads (asked/s · answered/s · answered)", $"{AskedPerSecond:0} · {Answered / seconds:0} · {Answered}"),
        SummaryRow.Of("questions (sent · ids each · lost)", $"{Questions} · {IdsPerQuestion} · {Lost}"),
        SummaryRow.OfLatency("questions sent late by ms", LatenessMs),
    ];

    public IEnumerable<string> FindWrong()
    {
        if (Unanswered + Refused > 0)
        {
            yield return $"{Unanswered} of {Questions} questions were not answered, and {Refused} refused";
        }
    }
}

/// <param name="Compared">Entries of answers.</param>
/// <param name="Wrong">That are not the truth, were not asked for, or came twice.</param>
/// <param name="Missing">Ids that were asked for and are not in the answer.</param>
/// <param name="First">The first few, a sentence each.</param>
internal sealed record AnswerFigures(long Compared, long Wrong, long Missing, IReadOnlyList<string> First)
{
    public IEnumerable<string> FindWrong()
    {
        if (Wrong + Missing > 0)
        {
            yield return $"{Wrong} of {Compared} answered users are wrong, and {Missing} are missing";
        }

        foreach (string wrong in First)
        {
            yield return wrong;
        }
    }
}
