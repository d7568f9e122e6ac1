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

    /// <summary>As <see cref="Take"/>, for who awaits it.</summary>
    public Task<bool[]> TakeAsync(IReadOnlyList<ReadOnlyMemory<byte>> batches)
    {
        var taken = new TaskCompletionSource<bool[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        Take(batches, taken.SetResult);
        return taken.Task;
    }

    /// <summary>Hands batches to their shards. Of the bytes nothing is kept.</summary>
    /// <param name="batches">As <see cref="PeerCodec"/> makes them.</param>
    /// <param name="taken">Called when the shards have had their turns with them, by the thread of the last: of each whether it was taken. What is no batch is not, and the sender begins anew. Neither throws nor blocks.</param>
    public void Take(IReadOnlyList<ReadOnlyMemory<byte>> batches, Action<bool[]> taken)
    {
        var turns = new Turns(batches.Count, taken);
        for (int n = 0; n < batches.Count; n++)
        {
            int number = n;
            TakeOne(batches[n].Span, isTaken => turns.Had(number, isTaken));
        }

        turns.End();
    }

    private void TakeOne(ReadOnlySpan<byte> bytes, Action<bool> taken)
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

            taken(false);
            return;
        }

        _heard[from.Node] = time.GetTimestamp();
        counters.Received(from.Node, bytes.Length);
        shards.All[from.Shard % shards.All.Count].Inbox.Post(new BatchArrived(from, stamp, batch, taken));
    }

    [LoggerMessage(LogEvents.PeerUnreadable, LogLevel.Warning, "A batch of another node cannot be read and is not taken: {Problem} Nodes of a cluster may be one version apart, not more")]
    private partial void LogUnreadable(string problem);

    // Which batches of a call have had their turn; one more than them stands for the call itself.
    private sealed class Turns(int batches, Action<bool[]> taken)
    {
        private readonly bool[] _areTaken = new bool[batches];
        private int _left = batches + 1;

        public void Had(int number, bool isTaken)
        {
            _areTaken[number] = isTaken;
            End();
        }

        public void End()
        {
            if (Interlocked.Decrement(ref _left) == 0)
            {
                taken(_areTaken);
            }
        }
    }
}
