namespace Presence.Engine;

/// <summary>An edge that is not heard any more.</summary>
/// <param name="HeardMs">When it was last, engine time.</param>
/// <param name="WatermarkMs">Its last, Unix milliseconds.</param>
internal readonly record struct LostEdge(ShardAddress Edge, long HeardMs, long WatermarkMs);

/// <summary>The edges of other nodes by when they were heard: who has fallen silent, and whether it may be this node that hears nobody.</summary>
internal sealed class HeardEdges(Shard shard)
{
    // An edge that is not heard for so long is silent.
    private const long SilentAfterMs = 5_000;

    // Those that are not silent.
    private readonly Dictionary<ShardAddress, LostEdge> _heard = [];

    // Those and the silent ones, as long as their node is a member.
    private readonly HashSet<ShardAddress> _known = [];
    private readonly List<LostEdge> _lost = [];
    private readonly HashSet<int> _nodes = [];

    /// <summary>Fewer than half of the nodes are heard, this one with them: who is cut off is this one. Its own clock decides about nobody then, since whoever it misses may be with another.</summary>
    public bool AreFew { get; private set; }

    public void Hear(ShardAddress edge, long watermarkMs)
    {
        int before = _heard.Count;
        _heard[edge] = new(edge, shard.Time.Now, watermarkMs);
        if (_heard.Count > before)
        {
            _known.Add(edge);
            Count();
        }
    }

    /// <summary>Those who have just fallen silent, until it is called again; they are heard again by what they say next.</summary>
    public List<LostEdge> TakeSilent() => Take(static (edge, now) => now - edge.HeardMs >= SilentAfterMs, shard.Time.Now);

    /// <summary>Those of a node that is no member any more.</summary>
    public List<LostEdge> TakeOf(int node)
    {
        _known.RemoveWhere(edge => edge.Node == node);
        List<LostEdge> lost = Take(static (edge, node) => edge.Edge.Node == node, node);
        Count();
        return lost;
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
            Count();
        }

        return _lost;
    }

    private void Count()
    {
        _nodes.Clear();
        foreach (ShardAddress edge in _heard.Keys)
        {
            _nodes.Add(edge.Node);
        }

        int heard = _nodes.Count + 1;
        foreach (ShardAddress edge in _known)
        {
            _nodes.Add(edge.Node);
        }

        AreFew = heard * 2 < _nodes.Count + 1;
    }
}
