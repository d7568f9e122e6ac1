namespace Presence.Engine;

/// <summary>Which node is home of a user, by the ring that the shard follows; alone, it is this one.</summary>
internal sealed class Routing(Topology topology)
{
    private Ring? _ring;

    // Ordinals of the ring's members.
    private int[] _nodes = [];

    /// <summary>This shard plays the home for the user, when it plays the edge.</summary>
    public bool IsHere(ulong userId) => _ring is null || NodeOf(userId) == topology.Node;

    public ShardAddress HomeOf(ulong userId) => IsHere(userId) ? topology.HomeOf(userId) : new(NodeOf(userId), ShardAddress.AnyShard);

    /// <param name="ring">Another one.</param>
    /// <param name="nodes">The ordinal of each of its members, in their order.</param>
    public void Follow(Ring ring, int[] nodes) => (_ring, _nodes) = (ring, nodes);

    private int NodeOf(ulong userId) => _nodes[_ring!.OwnerOf(userId)];
}
