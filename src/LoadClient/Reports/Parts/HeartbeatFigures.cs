using Presence.LoadClient.Connections;

namespace Presence.LoadClient.Reports.Parts;

/// <param name="Sent">By the schedule, and as round trips at the end.</param>
internal sealed record HeartbeatFigures(long Sent, long Acked)
{
    public static HeartbeatFigures Of(params IEnumerable<HeartbeatCounts> generators)
    {
        long sent = 0, acked = 0;
        foreach (HeartbeatCounts counts in generators)
        {
            sent += counts.Sent + counts.RoundTrips;
            acked += counts.Acked;
        }

        return new HeartbeatFigures(sent, acked);
    }

    public IEnumerable<SummaryRow> Rows() => [SummaryRow.Of("heartbeats (sent · acked)", $"{Sent} · {Acked}")];
}
