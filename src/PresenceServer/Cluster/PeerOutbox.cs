using Presence.Engine;

namespace Presence.Server.Cluster;

/// <summary>A batch that a shard has handed over.</summary>
internal sealed record Outgoing(ShardAddress From, ChannelStamp Stamp, PeerBatch Batch);

/// <summary>
/// What the shards of this node have for one other: everything that has come goes with one call, and while it is under way the next collects. A shard has one batch under way at most, so there are never more than shards.
/// Calls are made by a thread of their own, which waits for each: on a pool each step of a call would wake two threads more. It ends when there has been nothing for a while. Any thread.
/// </summary>
/// <param name="send">Sends them, and tells their shards what became of it, whatever that is. Blocks meanwhile.</param>
internal sealed class PeerOutbox(CallPace.Course pace, Action<Outgoing[]> send)
{
    // Things in a call; the first batch goes whatever it has.
    private const int Full = 1 << 16;

    // Shards say something once a second at least, to whoever is there.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private readonly Queue<Outgoing> _waiting = new();
    private bool _hasThread;
    private bool _isIdle;

    public void Add(Outgoing batch)
    {
        lock (_gate)
        {
            _waiting.Enqueue(batch);
            if (_isIdle)
            {
                Monitor.Pulse(_gate);
            }

            if (_hasThread)
            {
                return;
            }

            _hasThread = true;
        }

        try
        {
            new Thread(Run) { Name = "peer-out", IsBackground = true }.Start();
        }
        catch (OutOfMemoryException)
        {
            // No thread is to be had: one of the pool's does as well.
            ThreadPool.UnsafeQueueUserWorkItem(static outbox => outbox.Run(), this, preferLocal: false);
        }
    }

    private void Run()
    {
        do
        {
            // First, since what comes meanwhile need not rouse anybody.
            Pause(pace.Wait());
        }
        while (TrySend());
    }

    private bool TrySend()
    {
        bool hasMore = HasMore();
        if (hasMore)
        {
            pace.Count();
            TrySend(Take());
        }

        return hasMore;
    }

    private void TrySend(Outgoing[] batches)
    {
        try
        {
            send(batches);
        }
        catch (Exception)
        {
            // Their shards know; and without this thread nothing would ever go to the node again.
        }
    }

    private void Pause(TimeSpan wait)
    {
        if (wait > TimeSpan.Zero)
        {
            lock (_gate)
            {
                // Nobody pulses who is not idle: it is the time that is waited for. Whole milliseconds, rounded down by the wait.
                Monitor.Wait(_gate, wait + TimeSpan.FromMilliseconds(1));
            }
        }
    }

    private bool HasMore()
    {
        lock (_gate)
        {
            _isIdle = true;
            bool isInTime = true;
            while (isInTime && _waiting.Count == 0)
            {
                isInTime = Monitor.Wait(_gate, s_patience);
            }

            _isIdle = false;
            return _hasThread = _waiting.Count > 0;
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
