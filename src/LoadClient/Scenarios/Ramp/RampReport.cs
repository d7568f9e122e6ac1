using Presence.LoadClient.Measuring;
using Presence.LoadClient.Reports;
using Presence.LoadClient.Reports.Parts;

namespace Presence.LoadClient.Scenarios.Ramp;

/// <summary>What a run of <c>ramp</c> came to.</summary>
internal sealed record RampReport()
    : RunReport("ramp", "from the moment a change was meant to be said by its gateway to its receipt by each direct watcher")
{
    public required RampSessions Sessions { get; init; }

    public required LinkFigures Links { get; init; }

    public required HoldFigures Hold { get; init; }

    /// <summary>Null: the server is not asked (<c>--admin</c>).</summary>
    public required NodeFigures? Node { get; init; }

    public required ChangeFigures Changes { get; init; }

    public required ReadFigures Reads { get; init; }

    public required ConnectionFigures Watchers { get; init; }

    /// <summary>Changes that direct watchers were told of.</summary>
    public required long Deliveries { get; init; }

    public required Comparison WatcherViews { get; init; }

    public required IReadOnlyList<RestartFigures> Restarts { get; init; }

    public required StateFigures States { get; init; }

    private bool IsReference => Sessions.Asked >= ReferenceLoad.Sessions;

    public override IEnumerable<SummaryRow> Rows()
    {
        var told = SummaryRow.OfLatency("change to direct watcher ms", LatencyMs);
        return
        [
            .. Sessions.Rows(),
            .. Hold.Rows(IsReference),
            .. Node?.Rows(IsReference) ?? [],
            .. Changes.Rows(Seconds),
            SummaryRow.Of("deliveries to direct watchers", $"{Deliveries}"),
            IsReference ? told.Within($"p99 ≤ {ReferenceLoad.P99Ms}", LatencyMs.P99 <= ReferenceLoad.P99Ms) : told,
            .. Reads.Rows(Seconds),
            .. Links.Rows(),
            .. Watchers.Rows().Select(static row => row with { Name = $"direct watchers: {row.Name}" }),
            .. WatcherViews.Rows(),
            .. Restarts.SelectMany(static restart => restart.Rows()),
            .. States.Rows(),
        ];
    }

    protected override IEnumerable<string> FindWrong() =>
    [
        .. Sessions.FindWrong(),
        .. Links.FindWrong(),
        .. Changes.FindWrong(),
        .. Reads.FindWrong(),
        .. Watchers.FindWrong(),
        .. WatcherViews.FindWrong(),
        .. Restarts.SelectMany(static restart => restart.FindWrong()),
        .. States.FindWrong(),
    ];
}
