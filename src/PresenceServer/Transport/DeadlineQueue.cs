using System.Collections.Concurrent;
using Presence.Server.Hosting;

namespace Presence.Server.Transport;

/// <summary>
/// Connections that all have the same time left from when they were added, so that a queue is a timer for any number of them: the oldest is looked at
/// first. Bounded by the connections that were there within that time; one that ends sooner leaves a few bytes behind, not itself.
/// </summary>
internal sealed class DeadlineQueue(NodeClock clock, TimeSpan delay, Action<ClientConnection> due, ILogger logger)
{
    private readonly ConcurrentQueue<Deadline> _queue = new();

    public Deadline Add(ClientConnection connection)
    {
        var deadline = new Deadline(connection, clock.MonoMs + (long)delay.TotalMilliseconds);
        _queue.Enqueue(deadline);
        return deadline;
    }

    /// <summary>Hands over those whose time has come.</summary>
    public void Sweep()
    {
        while (_queue.TryPeek(out Deadline? oldest) && oldest.DueMs <= clock.MonoMs)
        {
            if (_queue.TryDequeue(out oldest) && oldest.Connection is { } connection)
            {
                HandOver(connection);
            }
        }
    }

    // One connection that fails must not keep all others for ever.
    private void HandOver(ClientConnection connection)
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

/// <summary>A connection's place in a queue.</summary>
internal sealed class Deadline(ClientConnection connection, long dueMs)
{
    private ClientConnection? _connection = connection;

    public long DueMs => dueMs;

    /// <summary>Null when it is no longer meant.</summary>
    public ClientConnection? Connection => Volatile.Read(ref _connection);

    /// <summary>Lets go of the connection.</summary>
    public void Cancel() => Volatile.Write(ref _connection, null);
}
