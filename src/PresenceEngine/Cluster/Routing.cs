namespace Presence.Engine;

/// <summary>Which node is home of a user, by the ring that the shard follows; alone, it is this one.</summary>
internal sealed class Routing(Topology topology)
{
    /// <summary>Null: alone.</summary>
    public RoutingTable? Table { get; private set; }

    /// <summary>Of the ring; 0 alone.</summary>
    public long Version => Table?.Version ?? 0;

    /// <summary>This node is home of the user.</summary>
    public bool IsHere(ulong userId) => Table is null || Table.NodeOf(userId) == topology.Node;

    public ShardAddress HomeOf(ulong userId) => IsHere(userId) ? topology.HomeOf(userId) : new(Table!.NodeOf(userId), ShardAddress.AnyShard);

    public void Follow(RoutingTable table) => Table = table;
}

/// <summary>A ring with the ordinals of its members. Immutable.</summary>
/// <param name="ring">The members by name.</param>
/// <param name="nodes">The ordinal of each, in their order.</param>
internal sealed class RoutingTable(Ring ring, int[] nodes)
{
    public long Version => ring.Version;

    /// <summary>Ordinals.</summary>
    public IReadOnlyList<int> Members => nodes;

    public int SliceOf(ulong userId) => ring.SliceOf(userId);

    public int NodeOf(ulong userId) => nodes[ring.OwnerOf(userId)];

    public int NodeOfSlice(int slice) => nodes[ring.OwnerOfSlice(slice)];
}
