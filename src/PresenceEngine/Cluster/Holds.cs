namespace Presence.Engine;

/// <summary>
/// How long users may be held whose node is gone, as far as a shard has heard. It goes with a user whose home moves: the next home knows of none of the devices that the one before held, and shows the user as before for as long.
/// In engine time.
/// </summary>
internal sealed class Holds(Shard shard)
{
    // By node that is gone, and not back.
    private readonly Dictionary<int, long> _lost = [];

    // Of slots, and of what other homes hold.
    private long _otherMs = long.MinValue;

    /// <summary>A home that knew of those before has said so since all was forgotten.</summary>
    public bool WasTold { get; private set; }

    public long UntilMs => Math.Max(_otherMs, _lost.Count > 0 ? _lost.Values.Max() : long.MinValue);

    /// <summary>An edge is gone, or not heard any more.</summary>
    /// <param name="slotMs">As <see cref="RemoteSessions.Lost"/>.</param>
    public void Lost(int node, long slotMs) => Extend(node, shard.Time.Now + slotMs + shard.Options.HoldMs);

    /// <summary>A node is no member any more.</summary>
    /// <param name="isDead">As <see cref="Nodes.Close"/>.</param>
    public void Closed(int node, bool isDead)
    {
        if (isDead)
        {
            Extend(node, shard.Time.Now + shard.Options.HoldMs);
        }
        else if (!_lost.ContainsKey(node))
        {
            // None of its edges was heard here: this is all that is known of its last word.
            Extend(node, shard.Time.Now + shard.Options.EdgeHoldMs);
        }
    }

    /// <summary>Nodes have named all of their sessions: who is not among them was lost there, not with them.</summary>
    public void Returned(IEnumerable<int> nodes)
    {
        foreach (int node in nodes)
        {
            _lost.Remove(node);
        }
    }

    public void Promised(long slotMs) => _otherMs = Math.Max(_otherMs, shard.Time.Now + slotMs + shard.Options.HoldMs);

    /// <summary>A node has said how long it may hold anybody.</summary>
    /// <param name="forMs">As <see cref="Warming.HeldForMs"/>.</param>
    public void Told(long forMs)
    {
        if (forMs >= 0)
        {
            WasTold = true;
            _otherMs = Math.Max(_otherMs, shard.Time.Now + forMs);
        }
    }

    /// <summary>What was known is of a time that is over.</summary>
    public void Forget() => WasTold = false;

    private void Extend(int node, long untilMs) => _lost[node] = Math.Max(untilMs, _lost.GetValueOrDefault(node, long.MinValue));
}
