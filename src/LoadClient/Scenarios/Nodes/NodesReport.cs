using Presence.LoadClient.Measuring;
using Presence.LoadClient.Reports;
using Presence.LoadClient.Reports.Parts;

namespace Presence.LoadClient.Scenarios.Nodes;

/// <summary>What a run of <c>nodes</c> came to.</summary>
internal sealed record NodesReport()
    : RunReport("nodes", "from the moment a connection was lost to its session being up again, watches answered")
{
    /// <summary>Asked are those who are to be up at the end.</summary>
    public required ConnectionFigures Connections { get; init; }

    public required int WatchesEach { get; init; }

    /// <summary>h, as the server says.</summary>
    public required double HoldSeconds { get; init; }

    public required FlipFigures Flips { get; init; }

    public required ComebackFigures Comebacks { get; init; }

    public required GoneFigures Leavers { get; init; }

    public required HeartbeatFigures Heartbeats { get; init; }

    public required Comparison States { get; init; }

    public override IEnumerable<SummaryRow> Rows() =>
    [
        .. Connections.Rows(),
        SummaryRow.Of("watches each · hold", $"{WatchesEach} · {HoldSeconds} s"),
        .. Flips.Rows(Seconds),
        .. Comebacks.Rows(),
        SummaryRow.OfLatency("away ms", LatencyMs),
        .. Leavers.Rows(),
        .. Heartbeats.Rows(),
        .. States.Rows(),
    ];

    // A status whose home fails before it is safe is refused: its user says it again. Of those who do not, nothing is claimed.
    protected override IEnumerable<string> FindWrong() =>
        [.. Connections.FindWrong("unavailable"), .. Flips.FindWrong(), .. Comebacks.FindWrong(), .. Leavers.FindWrong(), .. States.FindWrong()];
}

/// <summary>What was seen of those who were lost and came back.</summary>
/// <param name="Losses">Times that somebody was lost.</param>
/// <param name="InTime">Times that somebody was back before its hold was over.</param>
/// <param name="Late">Times that somebody was back later.</param>
/// <param name="SeenToGo">Times that a watcher was told as offline of somebody who was here, or back in time.</param>
/// <param name="LateSeenToGo">The same of those who were late: as it must be.</param>
/// <param name="Unknown">Times that somebody was told as UNKNOWN; allowed while nodes do not know each other.</param>
internal sealed record ComebackFigures(
    long Losses, long InTime, long Late, long SeenToGo, long LateSeenToGo, long Unknown, IReadOnlyList<string> First)
{
    public static ComebackFigures Of(Comebacks comebacks, long unknown) => new(
        comebacks.Losses, comebacks.InTime, comebacks.Late, comebacks.SeenToGo, comebacks.LateSeenToGo, unknown, comebacks.Wrong);

    public IEnumerable<SummaryRow> Rows() =>
    [
        SummaryRow.Of("lost (times · back in time · late)", $"{Losses} · {InTime} · {Late}"),
        SummaryRow.Of("seen to go (in time · late)", $"{SeenToGo} · {LateSeenToGo}"),
        SummaryRow.Of("seen UNKNOWN", $"{Unknown}"),
    ];

    public IEnumerable<string> FindWrong()
    {
        if (SeenToGo > 0)
        {
            yield return $"{SeenToGo} times a watcher was told that somebody is offline who was here or back in time";
        }

        foreach (string wrong in First)
        {
            yield return wrong;
        }
    }
}

/// <summary>What was seen of those who stayed away.</summary>
/// <param name="Count">Those who were lost.</param>
/// <param name="Views">Of all watchers on them, at the end.</param>
/// <param name="StillShown">Of these, not offline.</param>
/// <param name="TooEarly">Times that a watcher was told before the hold was over.</param>
/// <param name="GoneAfterMs">From the loss to a watcher being told.</param>
internal sealed record GoneFigures(int Count, long Views, long StillShown, long TooEarly, LatencySummary GoneAfterMs)
{
    public IEnumerable<SummaryRow> Rows() => Count == 0 ? [] :
    [
        SummaryRow.Of("stayed away (users · watched · still shown)", $"{Count} · {Views} · {StillShown}"),
        SummaryRow.OfLatency("seen to go after the loss ms", GoneAfterMs),
    ];

    public IEnumerable<string> FindWrong()
    {
        if (TooEarly > 0)
        {
            yield return $"{TooEarly} times a watcher was told that somebody is offline who stayed away, before the hold was over";
        }

        if (StillShown > 0)
        {
            yield return $"{StillShown} of {Views} views still show somebody who stayed away";
        }
    }
}
