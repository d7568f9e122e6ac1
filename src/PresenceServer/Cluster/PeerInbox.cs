using System.Collections.Concurrent;
using Presence.Engine;
using Presence.Server.Diagnostics;
using Presence.Server.Hosting;

namespace Presence.Server.Cluster;

/// <summary>Brings what other nodes say to the shards. Any thread.</summary>
internal sealed partial class PeerInbox(ShardSet shards, PeerCounters counters, TimeProvider time, ILogger<PeerInbox> logger)
{
    private readonly Seldom _said = new(time);
    private readonly ConcurrentDictionary<int, long> _heard = new();

    /// <summary>When something of a node came last, in ticks of the clock; null: never.</summary>
    public long? HeardAt(int node) => _heard.TryGetValue(node, out long ticks) ? ticks : null;

    /// <summary>Completes when the shards have had their turns with them.</summary>
    /// <returns>Of each whether it was taken. What is no batch is not, and the sender begins anew.</returns>
    public Task<bool[]> TakeAsync(byte[][] batches) => Task.WhenAll(Array.ConvertAll(batches, TakeAsync));

    private Task<bool> TakeAsync(byte[] bytes)
    {
        ShardAddress from;
        ChannelStamp stamp;
        PeerBatch batch;
        try
        {
            (from, stamp, batch) = PeerCodec.Decode(bytes);
        }
        catch (InvalidDataException e)
        {
            counters.Unreadable();
            if (_said.IsTime())
            {
                LogUnreadable(e.Message);
            }

            return Task.FromResult(false);
        }

        _heard[from.Node] = time.GetTimestamp();
        counters.Received(from.Node, bytes.Length);
        var taken = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        shards.All[from.Shard % shards.All.Count].Inbox.Post(new BatchArrived(from, stamp, batch, taken.SetResult));
        return taken.Task;
    }

    [LoggerMessage(LogEvents.PeerUnreadable, LogLevel.Warning, "A batch of another node cannot be read and is not taken: {Problem} Nodes of a cluster may be one version apart, not more")]
    private partial void LogUnreadable(string problem);
}
