using System.Collections.Frozen;
using Presence.Engine;
using Presence.Server.Diagnostics;
using Presence.Server.Hosting;

namespace Presence.Server.Cluster;

/// <summary>
/// The network between nodes as the shards use it: a batch is a call to the other node's silo, made on the thread pool. While there is no silo, or it does not know the node, nothing is taken.
/// </summary>
internal sealed partial class PeerTransport(PeerCounters counters, TimeProvider time, ILogger<PeerTransport> logger) : IPeerTransport
{
    private readonly Seldom _said = new(time);
    private FrozenDictionary<int, IPeerService> _routes = FrozenDictionary<int, IPeerService>.Empty;
    private Inbox[] _inboxes = [];

    /// <summary>The shards of this node, once they are made: they are told what became of their batches.</summary>
    public void Connect(IEnumerable<Inbox> inboxes) => _inboxes = [.. inboxes];

    /// <summary>Where nodes are from now on, by ordinal.</summary>
    public void Route(IReadOnlyDictionary<int, IPeerService> routes) => Volatile.Write(ref _routes, routes.ToFrozenDictionary());

    /// <summary>The service of a node; null: it is not reached at present.</summary>
    public IPeerService? At(int node) => Volatile.Read(ref _routes).GetValueOrDefault(node);

    public void Send(int node, ShardAddress from, in ChannelStamp stamp, PeerBatch batch) =>
        ThreadPool.UnsafeQueueUserWorkItem(
            static sending => _ = sending.Transport.SendAsync(sending),
            new Sending(this, node, from, stamp, batch),
            preferLocal: false);

    private async Task SendAsync(Sending sending)
    {
        bool isTaken = false;
        try
        {
            if (At(sending.Node) is { } peer)
            {
                byte[] bytes = PeerCodec.Encode(sending.From, sending.Stamp, sending.Batch);
                counters.Sent(sending.Node, bytes.Length);
                isTaken = await peer.TakeAsync(new(bytes));
            }
        }
        catch (Exception e)
        {
            // Whatever it was, the shard says all anew: nothing that was said can be counted on.
            if (_said.IsTime())
            {
                LogNotSent(sending.Node, e.Message.Split('\n')[0]);
            }
        }

        if (!isTaken)
        {
            counters.Reset(sending.Node);
        }

        _inboxes[sending.From.Shard].Post(new BatchSettled(sending.Node, sending.Stamp, isTaken));
    }

    [LoggerMessage(LogEvents.PeerUnreachable, LogLevel.Warning, "Node {Node} does not take what is sent: {Problem} It is told all anew when it does")]
    private partial void LogNotSent(int node, string problem);

    private sealed record Sending(PeerTransport Transport, int Node, ShardAddress From, ChannelStamp Stamp, PeerBatch Batch);
}
