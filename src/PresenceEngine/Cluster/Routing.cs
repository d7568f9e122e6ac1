using System.Collections;
using System.Collections.Concurrent;

namespace Presence.Engine;

/// <summary>Which node is home of a user, by the ring that the shard follows; alone, it is this one.</summary>
internal sealed class Routing(Topology topology)
{
    /// <summary>Null: alone.</summary>
    public RoutingTable? Table { get; private set; }

    /// <summary>Of the membership; 0 alone.</summary>
    public long Version => Table?.Version ?? 0;

    public int NodeOf(ulong userId) => Table is null ? topology.Node : Table.NodeOf(userId);

    /// <summary>This node is home of the user.</summary>
    public bool IsHere(ulong userId) => NodeOf(userId) == topology.Node;

    public ShardAddress HomeOf(ulong userId)
    {
        int node = NodeOf(userId);
        return node == topology.Node ? topology.HomeOf(userId) : new(node, ShardAddress.AnyShard);
    }

    public void Follow(RoutingTable table) => Table = table;
}

/// <summary>The ring of one version of the membership, with the ordinals of its members. Immutable.</summary>
/// <param name="version">Of the membership: rises, and two tables of one version are the same.</param>
/// <param name="ring">The members by name.</param>
/// <param name="nodes">The ordinal of each, in their order.</param>
public sealed class RoutingTable(long version, Ring ring, int[] nodes)
{
    private readonly ConcurrentDictionary<int, BitArray> _slicesOf = new();

    public long Version => version;

    /// <summary>
    /// The version before this one, by somebody who cannot say that whoever has not followed that has missed nothing: it knows nothing of its users then, as if all had been another's in between. Null: nobody has missed a ring by
    /// which a home was another than by those before and behind it.
    /// </summary>
    public long? Follows { get; init; }

    /// <summary>Ordinals.</summary>
    public IReadOnlyList<int> Members => nodes;

    public int SliceOf(ulong userId) => ring.SliceOf(userId);

    public int NodeOf(ulong userId) => nodes[ring.OwnerOf(userId)];

    public int NodeOfSlice(int slice) => nodes[ring.OwnerOfSlice(slice)];

    /// <summary>Makes what the shards of a node need of it when they follow it, and would all wait for. Any thread.</summary>
    public void Prepare(int node) => SlicesOf(node);

    /// <summary>The slices whose home a node is; for all who ask, so not to be changed.</summary>
    internal BitArray SlicesOf(int node) => _slicesOf.GetOrAdd(node, Find);

    private BitArray Find(int node)
    {
        var slices = new BitArray(Ring.Slices);
        for (int slice = 0; slice < Ring.Slices; slice++)
        {
            if (NodeOfSlice(slice) == node)
            {
                slices[slice] = true;
            }
        }

        return slices;
    }
}
