using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Presence.Engine;

/// <summary>Who is where: user → partition by a keyed hash, partition → shard by number. Pure and immutable; all shards share one.</summary>
public sealed class Topology
{
    private readonly long _seed;

    /// <param name="node">Ordinal of this node.</param>
    /// <param name="shards">Shards of this node, at least 1.</param>
    /// <param name="partitions">Fixed for the life of a data directory; at least <paramref name="shards"/>.</param>
    /// <param name="seed">Secret of the data directory, so that nobody can choose user ids that share a shard.</param>
    public Topology(int node, int shards, int partitions, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shards, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, shards);
        Node = node;
        Shards = shards;
        Partitions = partitions;
        _seed = seed;
    }

    public int Node { get; }

    public int Shards { get; }

    public int Partitions { get; }

    public int PartitionOf(ulong userId) =>
        (int)(XxHash3.HashToUInt64(MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in userId)), _seed) % (ulong)Partitions);

    /// <summary>The shard that plays the home for a user.</summary>
    public ShardAddress HomeOf(ulong userId) => new(Node, EdgeOf(userId));

    /// <summary>The shard of this node that carries a user's sessions.</summary>
    public int EdgeOf(ulong userId) => PartitionOf(userId) % Shards;
}
