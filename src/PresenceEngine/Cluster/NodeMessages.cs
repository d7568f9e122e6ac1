namespace Presence.Engine;

/// <summary>There is a channel to a node from now on.</summary>
/// <param name="incarnation">As <see cref="ChannelStamp.Incarnation"/>: of this node.</param>
internal sealed class NodeOpened(int node, ulong incarnation) : ShardMessage
{
    internal override void Apply(Shard shard) => shard.Nodes!.Open(node, incarnation);
}

/// <summary>There is none any more.</summary>
/// <param name="isDead">As <see cref="Nodes.Close"/>.</param>
internal sealed class NodeClosed(int node, bool isDead) : ShardMessage
{
    internal override void Apply(Shard shard) => shard.Nodes!.Close(node, isDead);
}

/// <summary>The members are others.</summary>
internal sealed class RingChanged(RoutingTable table) : ShardMessage
{
    internal override void Apply(Shard shard) => shard.Nodes!.Follow(table);
}
