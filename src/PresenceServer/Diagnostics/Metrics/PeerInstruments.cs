using System.Diagnostics.Metrics;
using Presence.Server.Cluster;

namespace Presence.Server.Diagnostics.Metrics;

/// <summary>What goes between this node and each other; one 0 while it is alone.</summary>
internal static class PeerInstruments
{
    public static void Add(NodeMeter meter, PeerCounters peers)
    {
        meter.Count("presence.peer.batches.sent", "{batch}", "Batches sent to another node.", () => Each(peers, static traffic => traffic.BatchesOut));
        meter.Count("presence.peer.batches.received", "{batch}", "Batches that came from another node.", () => Each(peers, static traffic => traffic.BatchesIn));
        meter.Count("presence.peer.sent.size", "By", "Bytes of them.", () => Each(peers, static traffic => traffic.BytesOut));
        meter.Count("presence.peer.received.size", "By", "Bytes of them.", () => Each(peers, static traffic => traffic.BytesIn));
        meter.Count("presence.peer.resets", "{reset}", "Batches that were not taken, or of which nobody knows: all was said anew.", () => Each(peers, static traffic => traffic.Resets));
        meter.Level("presence.peer.streams", "{stream}", "Other nodes that this one has a stream to.", () => peers.Streams);
        meter.Count("presence.peer.unreadable", "{batch}", "Batches that came and were none.", () => peers.UnreadableBatches);
    }

    // What is never measured is not exported at all.
    private static IEnumerable<Measurement<long>> Each(PeerCounters peers, Func<PeerCounters.Traffic, long> read) =>
        peers.Nodes.Select(node => new Measurement<long>(read(node.Value), new KeyValuePair<string, object?>("node", node.Key))).DefaultIfEmpty(new Measurement<long>(0));
}
