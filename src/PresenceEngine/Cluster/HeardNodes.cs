using Presence.Protocol;

namespace Presence.Engine;

/// <summary>What one shard hears of another node.</summary>
/// <param name="IsMember">Else it was one.</param>
/// <param name="IsHeard">One of its edges is not silent.</param>
/// <param name="WatermarkMs">The least of the last of its edges, Unix ms.</param>
internal readonly record struct HeardNode(int Node, bool IsMember, bool IsHeard, long WatermarkMs);

/// <summary>What all shards of this node hear of the others. One alone may hear few of them, or none: of which edges it does depends on how many shards they have.</summary>
internal sealed class HeardNodes(Shard shard)
{
    private readonly HeardNode[][] _byShard = [.. Enumerable.Repeat(Array.Empty<HeardNode>(), shard.Topology.Shards)];
    private readonly HashSet<int> _nodes = [];

    /// <summary>Fewer than half of the nodes are heard, this one with them: who is cut off is this one. Its own clock decides about nobody then, since whoever it misses may be with another.</summary>
    public bool AreFew { get; private set; }

    /// <summary>A shard of this node hears these, and no others.</summary>
    public void Take(int from, HeardNode[] nodes)
    {
        _byShard[from] = nodes;
        int heard = Count(static node => node.IsHeard) + 1;
        AreFew = heard * 2 < Count(static node => node.IsMember) + 1;
    }

    /// <summary>All that a node said up to this time is known here, Unix ms; <see cref="PresenceState.NoTime"/>: nothing is.</summary>
    public long LastWordMs(int node)
    {
        long? member = null, former = null;
        foreach (HeardNode one in _byShard.SelectMany(static nodes => nodes).Where(one => one.Node == node))
        {
            ref long? least = ref one.IsMember ? ref member : ref former;
            least = Math.Min(least ?? long.MaxValue, one.WatermarkMs);
        }

        // Its clock may be ahead of ours.
        return Math.Min(member ?? former ?? PresenceState.NoTime, shard.Time.WallMs);
    }

    private int Count(Func<HeardNode, bool> isMeant)
    {
        _nodes.Clear();
        _nodes.UnionWith(_byShard.SelectMany(static nodes => nodes).Where(isMeant).Select(static one => one.Node));
        return _nodes.Count;
    }
}

/// <summary>What a shard hears of other nodes, for its siblings and itself.</summary>
internal sealed class NodesHeard(int from, HeardNode[] nodes) : PeerMessage
{
    internal override void Apply(Shard shard) => shard.Nodes!.Heard.Take(from, nodes);
}
