using Presence.LoadClient.Measuring;
using Presence.LoadClient.Reports;
using Presence.LoadClient.Reports.Parts;

namespace Presence.LoadClient.Scenarios.Celebrity;

/// <summary>What a run of <c>celebrity</c> came to.</summary>
internal sealed record CelebrityReport()
    : RunReport("celebrity", "from the moment a flip was meant to be sent to its receipt by each watcher")
{
    public required ConnectionFigures Connections { get; init; }

    public required FlipFigures Flips { get; init; }

    public required DeliveryFigures Deliveries { get; init; }

    /// <summary>From the moment a flip was meant to be sent to its receipt by the last watcher.</summary>
    public required LatencySummary LastWatcherMs { get; init; }

    public required HeartbeatFigures Heartbeats { get; init; }

    public required Comparison States { get; init; }

    public override IEnumerable<SummaryRow> Rows() =>
    [
        .. Connections.Rows(),
        .. Flips.Rows(Seconds),
        .. Deliveries.Rows(),
        SummaryRow.OfLatency("to each watcher ms", LatencyMs),
        SummaryRow.OfLatency("to the last watcher ms", LastWatcherMs),
        SummaryRow.Of("flips that reached every watcher", $"{LastWatcherMs.Count}"),
        .. Heartbeats.Rows(),
        .. States.Rows(),
    ];

    protected override IEnumerable<string> FindWrong() => [.. Connections.FindWrong(), .. Flips.FindWrong(), .. States.FindWrong()];
}
