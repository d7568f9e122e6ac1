namespace Presence.Engine;

/// <summary>A gateway names its set at an edge.</summary>
/// <param name="DeviceKey">Of its users' devices.</param>
/// <param name="LeftMs">How long it may at most.</param>
public readonly record struct LinkNaming(ulong DeviceKey, long LeftMs);

/// <summary>
/// Gateways that name their sets, here or at other nodes. As long as one does, nobody of its set goes at any node, neither where its link was before nor at a home that has lost that node. Every batch of an edge says who names there: it is a
/// state, which a lost word cannot leave behind.
/// </summary>
internal sealed class Namings(Shard shard)
{
    // Whom it has named last may not be known yet to be there and no more where it was.
    private const long BehindEndMs = 1_000;

    private readonly Dictionary<ulong, List<(ShardAddress Edge, long UntilMs)>> _of = [];
    private readonly List<ulong> _over = [];

    /// <summary>Some gateway names its set.</summary>
    public bool IsAny => _of.Count > 0;

    /// <summary>Engine time until which nobody of a set goes, as far as is known now; not in the future: nobody is kept.</summary>
    /// <param name="elsewhere">Only for what is named at other nodes: of its own naming a link knows itself.</param>
    public long KeptUntilMs(ulong deviceKey, bool elsewhere = false)
    {
        long untilMs = 0;
        if (_of.Count > 0 && _of.TryGetValue(deviceKey, out List<(ShardAddress Edge, long UntilMs)>? edges))
        {
            foreach ((ShardAddress edge, long one) in edges)
            {
                untilMs = elsewhere && edge == shard.Address ? untilMs : Math.Max(untilMs, one);
            }
        }

        return untilMs;
    }

    /// <summary>All that name at an edge.</summary>
    public void Take(ShardAddress edge, LinkNaming[] namings)
    {
        End(edge, BehindEndMs, except: namings);
        foreach (LinkNaming naming in namings)
        {
            if (!_of.TryGetValue(naming.DeviceKey, out List<(ShardAddress Edge, long UntilMs)>? edges))
            {
                _of[naming.DeviceKey] = edges = [];
            }

            edges.RemoveAll(one => one.Edge == edge);
            edges.Add((edge, shard.Time.Now + naming.LeftMs));
        }
    }

    /// <summary>An edge is gone, or not heard any more: its gateways have as long to name elsewhere as its sessions to come back.</summary>
    public void Lost(ShardAddress edge, long heldMs) => End(edge, heldMs, except: []);

    /// <summary>Looks who names here, and forgets what is over.</summary>
    public void Tick()
    {
        if (IsAny || shard.Links.IsAnyNamed)
        {
            Take(shard.Address, [.. shard.Links.Namings]);
        }

        foreach ((ulong deviceKey, List<(ShardAddress Edge, long UntilMs)> edges) in _of)
        {
            if (edges.RemoveAll(one => one.UntilMs <= shard.Time.Now) > 0 && edges.Count == 0)
            {
                _over.Add(deviceKey);
            }
        }

        _over.ForEach(deviceKey => _of.Remove(deviceKey));
        _over.Clear();
    }

    private void End(ShardAddress edge, long inMs, LinkNaming[] except)
    {
        long atMs = shard.Time.Now + inMs;
        foreach ((ulong deviceKey, List<(ShardAddress Edge, long UntilMs)> edges) in _of)
        {
            int at = edges.FindIndex(one => one.Edge == edge);
            if (at >= 0 && !Array.Exists(except, naming => naming.DeviceKey == deviceKey))
            {
                edges[at] = (edge, Math.Min(edges[at].UntilMs, atMs));
            }
        }
    }
}
