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

    /// <summary>Null: there were no links.</summary>
    public required LinkStormReport? Links { get; init; }

    public override IEnumerable<SummaryRow> Rows() =>
    [
        .. Connections.Rows(),
        SummaryRow.Of("watches each", $"{WatchesEach}"),
        SummaryRow.Of("hold", $"{HoldSeconds} s"),
        .. Storms.SelectMany(static (storm, n) => storm.Rows(n + 1)),
        SummaryRow.OfLatency("away ms", LatencyMs),
        .. Absences.Rows(),
        .. Heartbeats.Rows(),
        .. States.Rows(),
        .. Links?.Rows() ?? [],
    ];

    protected override IEnumerable<string> FindWrong() =>
    [
        .. Connections.FindWrong(),
        .. Storms.Where(static storm => !storm.AreAllBack).Select(static storm => $"not all of the {storm.Lost} came back from a storm"),
        .. Links?.FindWrong() ?? [],
        .. Absences.FindWrong(),
        .. States.FindWrong(),
    ];
}

/// <param name="Lost">Sessions that were up and lost their connection.</param>
/// <param name="BackSeconds">Until all were up again, or given up.</param>
/// <param name="HandshakesPerSecond">Their mean rate.</param>
/// <param name="Links">Null: there were none.</param>
internal sealed record StormFigures(long Lost, double BackSeconds, double HandshakesPerSecond, bool AreAllBack, LinkStormFigures? Links)
{
    /// <param name="number">Of the storm, from 1.</param>
    public IEnumerable<SummaryRow> Rows(int number)
    {
        yield return SummaryRow.Of(
            $"storm {number} (lost · all back after · handshakes/s)", $"{Lost} · {BackSeconds:0.00} s · {HandshakesPerSecond:0}");
        if (Links is { } links)
        {
            yield return SummaryRow.Of($"storm {number}, links (all back after · sets kept)", $"{links.BackSeconds:0.00} s · {links.Resumed}");
        }
    }
}
