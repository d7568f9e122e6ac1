using Presence.LoadClient.Measuring;
using Presence.LoadClient.Reports;
using Presence.LoadClient.Reports.Parts;

namespace Presence.LoadClient.Scenarios.Friends;

/// <summary>What a run of <c>friends</c> came to.</summary>
internal sealed record FriendsReport()
    : RunReport("friends", "from the moment a flip was meant to be sent to its receipt by each watcher")
{
    public required ConnectionFigures Connections { get; init; }

    public required int WatchesEach { get; init; }

    public required FlipFigures Flips { get; init; }

    public required DeliveryFigures Deliveries { get; init; }

    public required HeartbeatFigures Heartbeats { get; init; }

    public required Comparison States { get; init; }

    public override IEnumerable<SummaryRow> Rows() =>
    [
        .. Connections.Rows(),
        SummaryRow.Of("watches each", $"{WatchesEach}"),
        .. Flips.Rows(Seconds),
        .. Deliveries.Rows(),
        SummaryRow.OfLatency("latency ms", LatencyMs),
        .. Heartbeats.Rows(),
        .. States.Rows(),
    ];

    protected override IEnumerable<string> FindWrong() => [.. Connections.FindWrong(), .. Flips.FindWrong(), .. States.FindWrong()];
}
