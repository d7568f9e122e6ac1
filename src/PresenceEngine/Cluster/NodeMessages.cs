namespace Presence.Engine;

/// <summary>There is a channel to a node from now on.</summary>
/// <param name="incarnation">As <see cref="ChannelStamp.Incarnation"/>: of this node.</param>
/// <param name="theirs">Of that node: what it said as another counts no more.</param>
public sealed class NodeOpened(int node, ulong incarnation, ulong theirs) : ShardMessage
{
    internal override void Apply(Shard shard) => shard.Nodes!.Open(node, incarnation, theirs);
}

/// <summary>There is none any more.</summary>
/// <param name="isDead">As <see cref="Nodes.Close"/>.</param>
public sealed class NodeClosed(int node, bool isDead) : ShardMessage
{
    internal override void Apply(Shard shard) => shard.Nodes!.Close(node, isDead);
}

/// <summary>The node leaves the cluster, whose ring is to go on without it.</summary>
/// <param name="over">Called once, on the shard's thread, when every other node has taken what it must know of the shard's users; must not block.</param>
public sealed class NodeLeaves(Action over) : ShardMessage
{
    internal override void Apply(Shard shard) => shard.Nodes!.Leave(over);
}

/// <summary>Asks to be told when a node takes what this shard says; at once when it does, and when there is no channel to it. A node that has just come needs a while until it does.</summary>
/// <param name="taken">Called once, on the shard's thread; must not block. Not when the channel never gets that far.</param>
public sealed class NodeTakes(int node, Action taken) : ShardMessage
{
    internal override void Apply(Shard shard) => shard.Nodes!.WhenTaken(node, taken);
}

/// <summary>Asks to be told when this shard knows of all users whose home it is who of them is up; at once when it does.</summary>
/// <param name="warm">Called once, on the shard's thread; must not block.</param>
public sealed class HomeWarms(Action warm) : ShardMessage
{
    internal override void Apply(Shard shard) => shard.Nodes!.Warming.WhenOver(warm);
}

/// <summary>The members are others.</summary>
public sealed class RingChanged(RoutingTable table) : ShardMessage
{
    internal override void Apply(Shard shard) => shard.Nodes!.Follow(table);
}
