using Presence.LoadClient.Measuring;
using Presence.LoadClient.Reports;
using Presence.LoadClient.Reports.Parts;

namespace Presence.LoadClient.Scenarios.Storm;

/// <summary>What a run of <c>storm</c> came to.</summary>
internal sealed record StormReport()
    : RunReport("storm", "from the moment a connection was lost to its session being up again, watches answered")
{
    public required ConnectionFigures Connections { get; init; }

    public required int WatchesEach { get; init; }

    /// <summary>h, as the server says.</summary>
    public required double HoldSeconds { get; init; }

    public required IReadOnlyList<StormFigures> Storms { get; init; }

    public required AbsenceFigures Absences { get; init; }

    public required HeartbeatFigures Heartbeats { get; init; }

    public required Comparison States { get; init; }

    public override IEnumerable<SummaryRow> Rows() =>
    [
        .. Connections.Rows(),
        SummaryRow.Of("watches each", $"{WatchesEach}"),
        SummaryRow.Of("hold", $"{HoldSeconds} s"),
        .. Storms.Select(static (storm, n) => SummaryRow.Of(
            $"storm {n + 1} (lost · all back after · handshakes/s)",
            $"{storm.Lost} · {storm.BackSeconds:0.00} s · {storm.HandshakesPerSecond:0}")),
        SummaryRow.OfLatency("away ms", LatencyMs),
        .. Absences.Rows(),
        .. Heartbeats.Rows(),
        .. States.Rows(),
    ];

    protected override IEnumerable<string> FindWrong() =>
    [
        .. Connections.FindWrong(),
        .. Storms.Where(static storm => !storm.AreAllBack).Select(static storm => $"not all of the {storm.Lost} came back from a storm"),
        .. Absences.FindWrong(),
        .. States.FindWrong(),
    ];
}

/// <param name="Lost">Sessions that were up and lost their connection.</param>
/// <param name="BackSeconds">Until all were up again, or given up.</param>
/// <param name="HandshakesPerSecond">Their mean rate.</param>
internal sealed record StormFigures(long Lost, double BackSeconds, double HandshakesPerSecond, bool AreAllBack);
