namespace Presence.Engine;

/// <summary>An edge that is not heard any more.</summary>
/// <param name="HeardMs">When it was last, engine time.</param>
/// <param name="WatermarkMs">Its last, Unix milliseconds.</param>
internal readonly record struct LostEdge(ShardAddress Edge, long HeardMs, long WatermarkMs);

/// <summary>The edges of other nodes that this shard hears, by when it did: who has fallen silent. Its siblings are told, since they hear others (<see cref="HeardNodes"/>).</summary>
internal sealed class HeardEdges(Shard shard)
{
    // An edge that is not heard for so long is silent.
    private const long SilentAfterMs = 5_000;

    // Edges speak once a second at least: that they did is told no more often.
    private const long TellEveryMs = 1_000;
    private const long Never = long.MaxValue;

    // Those that are not silent.
    private readonly Dictionary<ShardAddress, LostEdge> _heard = [];

    // The last watermark of those and of the silent ones, as long as their node is a member.
    private readonly Dictionary<ShardAddress, long> _known = [];

    // The least of those of a node that is no member any more.
    private readonly Dictionary<int, long> _former = [];
    private readonly List<LostEdge> _lost = [];
    private long _tellAtMs = Never;

    public void Hear(ShardAddress edge, long watermarkMs)
    {
        int before = _heard.Count;
        _heard[edge] = new(edge, shard.Time.Now, watermarkMs);
        _known[edge] = watermarkMs;
        _tellAtMs = Math.Min(_tellAtMs, shard.Time.Now + TellEveryMs);
        if (_heard.Count > before)
        {
            Tell();
        }
    }

    /// <summary>Those who have just fallen silent, until it is called again; they are heard again by what they say next.</summary>
    public List<LostEdge> TakeSilent() => Take(static (edge, now) => now - edge.HeardMs >= SilentAfterMs, shard.Time.Now);

    /// <summary>Those of a node that is no member any more.</summary>
    public List<LostEdge> TakeOf(int node)
    {
        foreach (ShardAddress edge in _known.Keys.Where(edge => edge.Node == node).ToArray())
        {
            _known.Remove(edge, out long watermarkMs);
            _former[node] = Math.Min(_former.GetValueOrDefault(node, long.MaxValue), watermarkMs);
        }

        List<LostEdge> lost = Take(static (edge, node) => edge.Edge.Node == node, node);
        Tell();
        return lost;
    }

    /// <summary>A node is a member from now on: what it said as another says nothing of this one, which may have fewer shards.</summary>
    public void Begin(int node)
    {
        if (_former.Remove(node))
        {
            Tell();
        }
    }

    public void Tick()
    {
        if (shard.Time.Now >= _tellAtMs)
        {
            Tell();
        }
    }

    private List<LostEdge> Take(Func<LostEdge, long, bool> isLost, long by)
    {
        _lost.Clear();
        foreach (LostEdge edge in _heard.Values)
        {
            if (isLost(edge, by))
            {
                _lost.Add(edge);
            }
        }

        if (_lost.Count > 0)
        {
            _lost.ForEach(lost => _heard.Remove(lost.Edge));
            Tell();
        }

        return _lost;
    }

    private void Tell()
    {
        _tellAtMs = Never;
        HashSet<int> heard = [.. _heard.Keys.Select(static edge => edge.Node)];
        HeardNode[] nodes =
        [
            .. _known.GroupBy(static one => one.Key.Node, static one => one.Value).Select(node => new HeardNode(node.Key, IsMember: true, heard.Contains(node.Key), node.Min())),
            .. _former.Select(static node => new HeardNode(node.Key, IsMember: false, IsHeard: false, node.Value)),
        ];
        for (int to = 0; to < shard.Topology.Shards; to++)
        {
            shard.TellShard(to, new NodesHeard(shard.Address.Shard, nodes));
        }
    }
}
