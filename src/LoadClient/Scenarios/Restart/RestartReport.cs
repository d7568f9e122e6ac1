using Presence.LoadClient.Measuring;
using Presence.LoadClient.Reports;
using Presence.LoadClient.Reports.Parts;

namespace Presence.LoadClient.Scenarios.Restart;

/// <summary>What a run of <c>restart</c> came to.</summary>
internal sealed record RestartReport()
    : RunReport("restart", "from the moment a connection was lost to its session being up again, watches answered")
{
    /// <summary>Asked are those who are to be up at the end.</summary>
    public required ConnectionFigures Connections { get; init; }

    public required int WatchesEach { get; init; }

    /// <summary>h, as the server says.</summary>
    public required double HoldSeconds { get; init; }

    /// <summary>d + 4δ: how long a server that was killed waits for its users when it accepts again.</summary>
    public required double RecoversForSeconds { get; init; }

    public required int AskedRestarts { get; init; }

    public required IReadOnlyList<RestartFigures> Restarts { get; init; }

    /// <summary>Status changes sent.</summary>
    public required long Flips { get; init; }

    public required SeenFigures Seen { get; init; }

    public required LeaverFigures Leavers { get; init; }

    public required HeartbeatFigures Heartbeats { get; init; }

    public required Comparison States { get; init; }

    public override IEnumerable<SummaryRow> Rows() =>
    [
        .. Connections.Rows(),
        SummaryRow.Of("watches each · flips sent", $"{WatchesEach} · {Flips}"),
        SummaryRow.Of("hold · d + 4δ", $"{HoldSeconds} s · {RecoversForSeconds} s"),
        .. Restarts.SelectMany(static (restart, n) => restart.Rows(n + 1)),
        SummaryRow.OfLatency("away ms", LatencyMs),
        .. Seen.Rows(),
        .. Leavers.Rows(),
        .. Heartbeats.Rows(),
        .. States.Rows(),
    ];

    protected override IEnumerable<string> FindWrong() =>
    [
        .. Connections.FindWrong(),
        .. Restarts.Count(static restart => restart.AreAllBack) < AskedRestarts
            ? [$"the server was lost and all were back {Restarts.Count(static restart => restart.AreAllBack)} times, not {AskedRestarts}"]
            : Array.Empty<string>(),
        .. Seen.FindWrong(),
        .. Leavers.FindWrong(),
        .. States.FindWrong(),
    ];
}

/// <param name="Lost">Sessions that were up and lost their connection.</param>
/// <param name="GoneSeconds">From the first loss until somebody was welcomed again.</param>
/// <param name="BackSeconds">From the first loss until all who come back were up.</param>
/// <param name="BackWithinHold">Sessions that were up again within h of the first welcome.</param>
internal sealed record RestartFigures(long Lost, double GoneSeconds, double BackSeconds, long BackWithinHold, bool AreAllBack)
{
    /// <param name="number">Of the restart, from 1.</param>
    public IEnumerable<SummaryRow> Rows(int number)
    {
        yield return SummaryRow.Of(
            $"restart {number} (lost · welcomed again after · all back after · of them within the hold)",
            $"{Lost} · {GoneSeconds:0.00} s · {BackSeconds:0.00} s · {BackWithinHold}");
    }
}

/// <summary>What watchers were told of users who had said nothing new.</summary>
/// <param name="Transitions">Changes.</param>
/// <param name="FalseOfflines">Times that somebody was told as offline who did not go.</param>
/// <param name="LostChanges">Times that somebody was told as it was before a change that had been acknowledged.</param>
/// <param name="Unknown">Times that somebody was told as UNKNOWN; allowed while the server loads.</param>
internal sealed record SeenFigures(long Transitions, long FalseOfflines, long LostChanges, long Unknown, IReadOnlyList<string> First)
{
    public static SeenFigures Of(RestartJudge judge) =>
        new(judge.Transitions, judge.FalseOfflines, judge.LostChanges, judge.Unknown, judge.Wrong);

    public IEnumerable<SummaryRow> Rows() =>
    [
        SummaryRow.Of("transitions seen · false offlines seen", $"{Transitions} · {FalseOfflines}"),
        SummaryRow.Of("acknowledged changes lost · seen UNKNOWN", $"{LostChanges} · {Unknown}"),
    ];

    public IEnumerable<string> FindWrong()
    {
        if (Transitions > 0)
        {
            yield return $"{Transitions} times a watcher was told of a change that nobody made";
        }

        if (FalseOfflines > 0)
        {
            yield return $"{FalseOfflines} times a watcher was told that somebody is offline who did not go";
        }

        if (LostChanges > 0)
        {
            yield return $"{LostChanges} times a watcher was told of somebody as before a change that was acknowledged";
        }

        foreach (string wrong in First)
        {
            yield return wrong;
        }
    }
}

/// <summary>What was seen of those who did not come back from the last restart.</summary>
/// <param name="Views">Watched leavers of all watchers at the end.</param>
/// <param name="StillShown">Of them, not offline.</param>
/// <param name="TooEarly">Seen to go before d + 4δ after the server was lost.</param>
/// <param name="TooLate">Seen to go more than 1 s after d + 4δ after it welcomed somebody again.</param>
/// <param name="WrongLastActive">Told with a last sign of life more than 2 s from the loss.</param>
/// <param name="FarthestLastActiveMs">The farthest of them; negative: before the loss.</param>
/// <param name="GoneAfterMs">From the first welcome to a watcher being told.</param>
internal sealed record LeaverFigures(
    int Count, long Views, long StillShown, long TooEarly, long TooLate, long WrongLastActive, double FarthestLastActiveMs, LatencySummary GoneAfterMs)
{
    public static LeaverFigures Of(RestartJudge judge, int count, long views, long stillShown) => new(
        count,
        views,
        stillShown,
        judge.GoneTooEarly,
        judge.GoneTooLate,
        judge.WrongLastActive,
        judge.FarthestLastActiveMs,
        judge.GoneAfter.Summarize());

    public IEnumerable<SummaryRow> Rows() => Count == 0 ? [] :
    [
        SummaryRow.Of("stayed away (users · watched · still shown)", $"{Count} · {Views} · {StillShown}"),
        SummaryRow.OfLatency("seen to go after the server was back ms", GoneAfterMs),
        SummaryRow.Of("last active, farthest from the loss", $"{FarthestLastActiveMs:0} ms"),
    ];

    public IEnumerable<string> FindWrong()
    {
        if (StillShown > 0)
        {
            yield return $"{StillShown} of {Views} views show somebody who stayed away as not offline";
        }

        if (TooEarly + TooLate > 0)
        {
            yield return $"{TooEarly} times somebody who stayed away was seen to go too early, {TooLate} times too late";
        }

        if (WrongLastActive > 0)
        {
            yield return $"{WrongLastActive} times somebody who stayed away was told as last active more than 2 s from when the server was lost";
        }
    }
}
