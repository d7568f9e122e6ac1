using System.Collections.Concurrent;

namespace Presence.Server.Cluster;

/// <summary>What has gone between this node and each other. Any thread.</summary>
internal sealed class PeerCounters
{
    private readonly ConcurrentDictionary<int, Traffic> _nodes = new();
    private long _unreadable;
    private long _streams;

    /// <summary>Batches that were none.</summary>
    public long UnreadableBatches => Volatile.Read(ref _unreadable);

    /// <summary>Other nodes that this one has a stream to.</summary>
    public long Streams => Volatile.Read(ref _streams);

    /// <summary>By the other node's ordinal.</summary>
    public IEnumerable<KeyValuePair<int, Traffic>> Nodes => _nodes;

    public void Unreadable() => Interlocked.Increment(ref _unreadable);

    public void StreamsAre(int more) => Interlocked.Add(ref _streams, more);

    public void Received(int node, int bytes) => Of(node).Received(bytes);

    public void Sent(int node, int bytes) => Of(node).Sent(bytes);

    /// <summary>A batch was not taken, or nobody knows: all is said anew.</summary>
    public void Reset(int node) => Of(node).Reset();

    private Traffic Of(int node) => _nodes.GetOrAdd(node, static _ => new Traffic());

    /// <summary>Between two nodes, in batches and in bytes of their payload.</summary>
    internal sealed class Traffic
    {
        private long _batchesIn;
        private long _bytesIn;
        private long _batchesOut;
        private long _bytesOut;
        private long _resets;

        public long BatchesIn => Volatile.Read(ref _batchesIn);

        public long BytesIn => Volatile.Read(ref _bytesIn);

        public long BatchesOut => Volatile.Read(ref _batchesOut);

        public long BytesOut => Volatile.Read(ref _bytesOut);

        public long Resets => Volatile.Read(ref _resets);

        public void Received(int bytes)
        {
            Interlocked.Increment(ref _batchesIn);
            Interlocked.Add(ref _bytesIn, bytes);
        }

        public void Sent(int bytes)
        {
            Interlocked.Increment(ref _batchesOut);
            Interlocked.Add(ref _bytesOut, bytes);
        }

        public void Reset() => Interlocked.Increment(ref _resets);
    }
}
