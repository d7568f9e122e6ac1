namespace Presence.Engine;

/// <summary>
/// Until when who was at nodes that are gone may come back: h from a death, d + 4δ from the end of a node that only says nothing, the last slot and h of one that has sent its clients away. It counts from when that was heard of, whatever homes
/// its users have had since: they are not held anew by each. Who has just come, or has missed something, is told by the others.
/// </summary>
internal sealed class GoneNodes(Shard shard)
{
    // Of nodes that only say nothing. Who has named all of its sessions since is gone no more.
    private readonly Dictionary<int, long> _silentUntilMs = [];

    // Of nodes that have sent their clients away, and are not gone yet.
    private readonly Dictionary<int, long> _sentAwayUntilMs = [];

    // Of all others.
    private long _untilMs;

    // By the present ring, of what we have not heard ourselves; null: nobody has said.
    private long? _toldUntilMs;
    private bool _knowsAll;

    /// <summary>Engine time; in the past: nobody may.</summary>
    public long UntilMs => Math.Max(_untilMs, _silentUntilMs.Values.DefaultIfEmpty().Max());

    /// <summary>What others are told: how long that is from now on. Null: we may not have heard of all. Of a node that is a member again its own naming says more, for which everybody waits.</summary>
    public long? LeftMs => _knowsAll
        ? Math.Max(0, Math.Max(_untilMs, _silentUntilMs.Where(node => shard.Routing.Table?.Members.Contains(node.Key) != true).Select(static node => node.Value).DefaultIfEmpty().Max()) - shard.Time.Now)
        : null;

    /// <summary>A node has sent its clients away, and holds them for so long from now on.</summary>
    public void SentAway(int node, long heldMs) => _sentAwayUntilMs[node] = shard.Time.Now + heldMs;

    /// <summary>A node is gone.</summary>
    /// <param name="isDead">As <see cref="Nodes.Close"/>.</param>
    /// <param name="hasNamedAll">By the present ring, as of which it is none of the members: if it left, it has left nobody behind who was not sent away.</param>
    public void Closed(int node, bool isDead, bool hasNamedAll)
    {
        bool wasLeaving = _sentAwayUntilMs.Remove(node, out long untilMs);
        _untilMs = Math.Max(_untilMs, untilMs);
        if (wasLeaving && hasNamedAll)
        {
            return;
        }

        if (isDead)
        {
            _untilMs = Math.Max(_untilMs, shard.Time.Now + shard.Options.HoldMs);
        }
        else
        {
            _silentUntilMs[node] = shard.Time.Now + shard.Options.EdgeHoldMs;
        }
    }

    /// <summary>Nodes may be gone of which we have not heard.</summary>
    public void Forget() => _knowsAll = false;

    /// <summary>Another ring is followed: of what went before it all tell anew.</summary>
    public void Begin() => _toldUntilMs = null;

    /// <summary>Another node says <see cref="LeftMs"/> by the present ring.</summary>
    public void Told(long? leftMs)
    {
        if (leftMs is { } left)
        {
            _toldUntilMs = Math.Max(_toldUntilMs ?? 0, shard.Time.Now + left);
        }
    }

    /// <summary>All members have named their sessions by the present ring.</summary>
    /// <param name="hasNamedAll">Whether a node is one of them.</param>
    public void Named(Predicate<int> hasNamedAll)
    {
        foreach (int node in _silentUntilMs.Keys.Where(node => hasNamedAll(node)).ToArray())
        {
            _silentUntilMs.Remove(node);
        }

        if (!_knowsAll)
        {
            // One that has been here all the time knows; if there is none, any node may have been here before.
            _untilMs = Math.Max(_untilMs, _toldUntilMs ?? (shard.Time.Now + shard.Options.EdgeHoldMs));
            _knowsAll = true;
        }
    }
}
