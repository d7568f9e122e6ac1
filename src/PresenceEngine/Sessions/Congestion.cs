using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// Connections whose peer does not read as fast as we write. Their updates collect in a set, latest state wins, and go out when the transport has
/// drained; who stays behind too long is closed (and its session held: nobody sees it go).
/// </summary>
internal sealed class Congestion(Shard shard)
{
    private readonly Stack<DirtySet> _spare = new();

    /// <summary>Notes an update for a congested connection.</summary>
    /// <returns>False when one for the same user was noted already.</returns>
    public bool Remember(ConnectionPort connection, int watched)
    {
        connection.Dirty ??= _spare.TryPop(out DirtySet? spare) ? spare : new DirtySet();
        return connection.Dirty.Add(watched);
    }

    public void Drained(ConnectionPort connection)
    {
        if (!connection.Has(ConnectionFlags.Congested))
        {
            return;
        }

        connection.Set(ConnectionFlags.Congested, false);
        shard.Outbox.Congested.Remove(connection);
        if (connection.Slot < 0)
        {
            return;
        }

        if (connection.Has(ConnectionFlags.Closing))
        {
            // It reads again before its time is over: the GoAway that waited is its last frame.
            connection.Flush();
            return;
        }

        shard.Outbox.FlushLater(connection);
        if (connection.Gateway >= 0)
        {
            shard.Links.Drained();
        }

        if (connection.Has(ConnectionFlags.BeatAckOwed))
        {
            connection.Set(ConnectionFlags.BeatAckOwed, false);
            shard.Outbox.BeatAck(connection);
        }

        if (connection.Dirty is { } dirty)
        {
            foreach (int watched in dirty)
            {
                shard.Watching.SendState(connection, watched);
            }

            Forget(connection);
        }
    }

    public void Forget(ConnectionPort connection)
    {
        if (connection.Dirty is { } dirty)
        {
            dirty.Clear();
            connection.Dirty = null;
            _spare.Push(dirty);
        }
    }

    /// <summary>Closes who has been behind for too long, or longest where too many are.</summary>
    public void CloseSlow()
    {
        while (shard.Outbox.Congested.Oldest is { } oldest && WhyClosed(oldest) is { } limit)
        {
            shard.Outbox.Congested.Remove(oldest);
            if (!oldest.Has(ConnectionFlags.Closing))
            {
                shard.Counters.SlowConsumers++;
                shard.Counters.Limits.Hit(limit);
                shard.Edge.Close(oldest, CloseCode.SlowConsumer);
            }
        }
    }

    private string? WhyClosed(ConnectionPort oldest) =>
        shard.Outbox.Congested.Count > shard.Options.MaxCongested ? LimitHits.TotalOutboundBytes
        : oldest.CongestedSinceMs + shard.Options.CongestedForMs <= shard.Time.Now ? LimitHits.CongestedFor
        : null;
}
