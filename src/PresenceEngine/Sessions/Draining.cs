using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// The node stops: every connection is told to leave and when to come back, every session stands as it is, and from then on none of this node expires: the next process takes
/// over who is up. Slots are spread evenly over the drain time, so that the next process is not met by all at once.
/// </summary>
internal sealed class Draining(Shard shard)
{
    private NodeStops? _stop;

    // Engine time of the last slot.
    private long _lastSlotMs;
    private bool _hasLeft;

    public bool IsUnderWay => _stop is not null;

    /// <summary>Until the last slot, at which who was told to leave may come back; 0 when nobody was.</summary>
    public long LeftMs => IsUnderWay ? Math.Max(0, LastSlotInMs) : 0;

    /// <summary>Of one that <see cref="IsUnderWay"/>: the same; negative when it is over.</summary>
    public long LastSlotInMs => _lastSlotMs - shard.Time.Now;

    /// <summary>For how long who was told to leave is held: until the last slot, and h beyond it.</summary>
    public long HeldForMs => IsUnderWay ? Math.Max(0, LastSlotInMs + shard.Options.HoldMs) : 0;

    public void Begin(NodeStops stop)
    {
        if (IsUnderWay)
        {
            // Everybody has been told.
            stop.AllLeft?.Invoke();
            return;
        }

        _stop = stop;
        _lastSlotMs = shard.Time.Now + stop.DrainMs;
        SendAway(stop.Code, stop.DrainMs);
        shard.Nodes?.NameAll();
    }

    /// <summary>Tells every connection to leave, each with its own slot.</summary>
    /// <param name="code">Why.</param>
    /// <param name="withinMs">The last slot; 0: without any.</param>
    public void SendAway(CloseCode code, long withinMs)
    {
        ReadOnlySpan<ConnectionPort?> all = shard.Connections.All;
        long each = shard.Connections.Count, told = 0;
        double offset = shard.Random.NextDouble();
        foreach (ConnectionPort? connection in all)
        {
            if (connection is not null)
            {
                TellToLeave(connection, code, withinMs > 0 ? (uint)((told++ + offset) * withinMs / each) : null);
            }
        }
    }

    /// <summary>A connection that came after everybody was told: it is told too. Its slot is none beyond the last: nobody is waited for longer.</summary>
    public void TellLate(ConnectionPort connection) =>
        TellToLeave(connection, _stop!.Code, _stop.DrainMs > 0 ? (uint)shard.Random.NextInt64(LeftMs + 1) : null);

    /// <summary>Says when the last connection has gone.</summary>
    public void Advance()
    {
        if (!_hasLeft && _stop is { } stop && shard.Connections.Count == 0)
        {
            _hasLeft = true;
            stop.AllLeft?.Invoke();
        }
    }

    private void TellToLeave(ConnectionPort connection, CloseCode code, uint? slotMs) => shard.Edge.Close(connection, code, slotMs);
}
