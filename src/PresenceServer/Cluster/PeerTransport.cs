using System.Collections.Concurrent;
using System.Collections.Frozen;
using Presence.Engine;
using Presence.Server.Diagnostics;
using Presence.Server.Hosting;

namespace Presence.Server.Cluster;

/// <summary>
/// The network between nodes as the shards use it: batches go by the route to the other node, on a thread of its own. While there is no silo, or it does not know the node, nothing is taken.
/// </summary>
internal sealed partial class PeerTransport(PeerCounters counters, TimeProvider time, ILogger<PeerTransport> logger) : IPeerTransport
{
    private readonly CallPace _pace = new(time);
    private readonly Seldom _said = new(time);
    private readonly Lock _gate = new();
    private FrozenDictionary<int, PeerRoute> _routes = FrozenDictionary<int, PeerRoute>.Empty;
    private readonly ConcurrentDictionary<int, PeerOutbox> _outboxes = new();
    private Inbox[] _inboxes = [];

    /// <summary>The shards of this node, once they are made: they are told what became of their batches.</summary>
    public void Connect(IEnumerable<Inbox> inboxes) => _inboxes = [.. inboxes];

    /// <summary>Where nodes are from now on; a way that is there is kept.</summary>
    public void Route(IEnumerable<Member> others, Func<Member, PeerRoute> begin)
    {
        lock (_gate)
        {
            FrozenDictionary<int, PeerRoute> before = _routes;
            var routes = others.ToFrozenDictionary(
                static other => other.Ordinal, other => before.GetValueOrDefault(other.Ordinal) is { } route && route.Silo.Equals(other.Silo) ? route : begin(other));
            Volatile.Write(ref _routes, routes);
            foreach (PeerRoute route in before.Values.Except(routes.Values))
            {
                route.Dispose();
            }
        }
    }

    /// <summary>No node is reached from now on.</summary>
    public void RouteNowhere() => Route([], static _ => throw new InvalidOperationException());

    /// <summary>What a node is asked by; null: it is not reached at present.</summary>
    public IPeerService? At(int node) => RouteTo(node)?.Service;

    public void Send(int node, ShardAddress from, in ChannelStamp stamp, PeerBatch batch) =>
        _outboxes.GetOrAdd(node, static (node, transport) => new(transport._pace.Begin(), batches => transport.Send(node, batches)), this).Add(new(from, stamp, batch));

    private PeerRoute? RouteTo(int node) => Volatile.Read(ref _routes).GetValueOrDefault(node);

    private void Send(int node, Outgoing[] batches)
    {
        bool[] areTaken = [];
        try
        {
            if (RouteTo(node) is { } route)
            {
                byte[][] bytes = Array.ConvertAll(batches, static batch => PeerCodec.Encode(batch.From, batch.Stamp, batch.Batch));
                Array.ForEach(bytes, batch => counters.Sent(node, batch.Length));
                areTaken = route.Take(bytes);
            }
        }
        catch (Exception e)
        {
            // Whatever it was, the shards say all anew: nothing that was said can be counted on.
            if (_said.IsTime())
            {
                LogNotSent(node, e.Message.Split('\n')[0]);
            }
        }
        finally
        {
            for (int n = 0; n < batches.Length; n++)
            {
                Settle(node, batches[n], isTaken: n < areTaken.Length && areTaken[n]);
            }
        }
    }

    private void Settle(int node, Outgoing batch, bool isTaken)
    {
        if (!isTaken)
        {
            counters.Reset(node);
        }

        _inboxes[batch.From.Shard].Post(new BatchSettled(node, batch.Stamp, isTaken));
    }

    [LoggerMessage(LogEvents.PeerUnreachable, LogLevel.Warning, "Node {Node} does not take what is sent: {Problem} It is told all anew when it does")]
    private partial void LogNotSent(int node, string problem);
}
