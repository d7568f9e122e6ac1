using Presence.Engine;

namespace Presence.Server.Cluster;

/// <summary>A batch that a shard has handed over.</summary>
internal sealed record Outgoing(ShardAddress From, ChannelStamp Stamp, PeerBatch Batch);

/// <summary>
/// What the shards of this node have for one other: everything that has come goes with one call, and while it is under way the next collects. A shard has one batch under way at most, so there are never more than shards.
/// Any thread.
/// </summary>
/// <param name="send">Sends them, and tells their shards what became of it. Does not throw.</param>
internal sealed class PeerOutbox(CallPace.Course pace, Func<Outgoing[], Task> send)
{
    // Things in a call; the first batch goes whatever it has.
    private const int Full = 1 << 16;

    private readonly Lock _gate = new();
    private readonly Queue<Outgoing> _waiting = new();
    private bool _isSending;

    public void Add(Outgoing batch)
    {
        lock (_gate)
        {
            _waiting.Enqueue(batch);
            if (_isSending)
            {
                return;
            }

            _isSending = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static outbox => _ = outbox.SendAllAsync(), this, preferLocal: false);
    }

    private async Task SendAllAsync()
    {
        while (!IsDone())
        {
            await pace.NextAsync();
            await send(Take());
        }
    }

    private bool IsDone()
    {
        lock (_gate)
        {
            return !(_isSending = _waiting.Count > 0);
        }
    }

    private Outgoing[] Take()
    {
        lock (_gate)
        {
            var call = new List<Outgoing>(_waiting.Count);
            for (int weight = 0; _waiting.TryPeek(out Outgoing? next) && (call.Count == 0 || weight + next.Batch.Weight <= Full); weight += next.Batch.Weight)
            {
                call.Add(_waiting.Dequeue());
            }

            return [.. call];
        }
    }
}
