using Presence.LoadClient.Connections;

namespace Presence.LoadClient.Reports.Parts;

internal sealed record HeartbeatFigures(long Sent, long Acked)
{
    public static HeartbeatFigures Of(HeartbeatCounts counts) => new(counts.Sent, counts.Acked);

    public IEnumerable<SummaryRow> Rows() => [SummaryRow.Of("heartbeats (sent · acked)", $"{Sent} · {Acked}")];
}
