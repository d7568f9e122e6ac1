using System.Collections.Concurrent;
using Presence.Server.Hosting;

namespace Presence.Server.Transport;

/// <summary>
/// Connections that all have the same time left from when they were added, so that a queue is a timer for any number of them: the oldest is looked at
/// first. Bounded by the connections that were there within that time; one that ends sooner leaves a few bytes behind, not itself.
/// </summary>
internal sealed class DeadlineQueue(NodeClock clock, TimeSpan delay, Action<IExpected> due, ILogger logger)
{
    private readonly ConcurrentQueue<Deadline> _queue = new();
    private int _waiting;

    /// <summary>Who waits at one time: at one more, the oldest is handed over before its time.</summary>
    public int Most { get; init; } = int.MaxValue;

    /// <summary>Told of each that <see cref="Most"/> hands over. Any thread.</summary>
    public Action? TooMany { get; init; }

    public Deadline Add(IExpected connection)
    {
        var deadline = new Deadline(this, connection, clock.MonoMs + (long)delay.TotalMilliseconds);
        _queue.Enqueue(deadline);
        if (Interlocked.Increment(ref _waiting) > Most)
        {
            MakeRoom(TimeSpan.Zero);
        }

        return deadline;
    }

    /// <summary>One waits no longer.</summary>
    internal void Left() => Interlocked.Decrement(ref _waiting);

    /// <summary>Hands over those whose time has come.</summary>
    /// <param name="most">No more of them than that.</param>
    /// <returns>False when there may be more.</returns>
    public bool Sweep(int most = int.MaxValue)
    {
        int handedOver = 0;
        while (handedOver < most && _queue.TryPeek(out Deadline? oldest) && oldest.DueMs <= clock.MonoMs)
        {
            if (_queue.TryDequeue(out oldest) && oldest.Take() is { } connection)
            {
                HandOver(connection);
                handedOver++;
            }
        }

        return handedOver < most;
    }

    /// <summary>Somebody else needs the room: hands over who has waited longest, if that is at least so long.</summary>
    /// <returns>False when nobody has.</returns>
    public bool MakeRoom(TimeSpan waited)
    {
        // Those who were let go are in front of it.
        while (_queue.TryPeek(out Deadline? oldest) && oldest.DueMs - clock.MonoMs <= (delay - waited).TotalMilliseconds)
        {
            if (_queue.TryDequeue(out oldest) && oldest.Take() is { } connection)
            {
                TooMany?.Invoke();
                HandOver(connection);
                return true;
            }
        }

        return false;
    }

    // One connection that fails must not keep all others for ever.
    private void HandOver(IExpected connection)
    {
        try
        {
            due(connection);
        }
        catch (Exception e)
        {
            logger.LingeringFaulted(e);
        }
    }
}

/// <summary>A connection that is given so much time, and no more.</summary>
internal interface IExpected
{
    /// <summary>The time to say who it is is over; nothing when it has said it. Any thread.</summary>
    void HandshakeIsOver();

    /// <summary>Drops the connection without another word. Any thread.</summary>
    void Abort();
}

/// <summary>A connection's place in a queue.</summary>
internal sealed class Deadline(DeadlineQueue queue, IExpected connection, long dueMs)
{
    private IExpected? _connection = connection;

    public long DueMs => dueMs;

    /// <summary>Whoever waits here has become another, which waits in its place.</summary>
    /// <returns>False when the place was let go before.</returns>
    public bool PassTo(IExpected other)
    {
        IExpected? held = Volatile.Read(ref _connection);
        return held is not null && Interlocked.CompareExchange(ref _connection, other, held) == held;
    }

    /// <summary>Lets go of the connection: from now on nobody waits here.</summary>
    /// <returns>Null when it was let go before.</returns>
    public IExpected? Take()
    {
        IExpected? held = Interlocked.Exchange(ref _connection, null);
        if (held is not null)
        {
            queue.Left();
        }

        return held;
    }
}
