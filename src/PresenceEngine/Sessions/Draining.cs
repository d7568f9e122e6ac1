namespace Presence.Engine;

/// <summary>
/// The node stops: every connection is told to leave and when to come back, every session stands as it is, and from then on nobody expires: the next process takes
/// over who is up. Slots are spread evenly over the drain time, so that the next process is not met by all at once.
/// </summary>
internal sealed class Draining(Shard shard)
{
    private NodeStops? _stop;

    // Engine time of the last slot.
    private long _lastSlotMs;
    private bool _hasLeft;

    public bool IsUnderWay => _stop is not null;

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
        ReadOnlySpan<ConnectionPort?> all = shard.Connections.All;
        long each = shard.Connections.Count, told = 0;
        double offset = shard.Random.NextDouble();
        foreach (ConnectionPort? connection in all)
        {
            if (connection is not null)
            {
                TellToLeave(connection, (long)((told++ + offset) * stop.DrainMs / each));
            }
        }
    }

    /// <summary>A connection that came after everybody was told: it is told too. Its slot is none beyond the last: nobody is waited for longer.</summary>
    public void TellLate(ConnectionPort connection) =>
        TellToLeave(connection, shard.Random.NextInt64(Math.Max(0, _lastSlotMs - shard.Time.Now) + 1));

    /// <summary>Says when the last connection has gone.</summary>
    public void Advance()
    {
        if (!_hasLeft && _stop is { } stop && shard.Connections.Count == 0)
        {
            _hasLeft = true;
            stop.AllLeft?.Invoke();
        }
    }

    private void TellToLeave(ConnectionPort connection, long slotMs) =>
        shard.Edge.Close(connection, _stop!.Code, _stop.DrainMs > 0 ? (uint)slotMs : null);
}
