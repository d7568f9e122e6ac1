using System.Collections.Concurrent;
using Presence.Server.Hosting;

namespace Presence.Server.Transport;

/// <summary>
/// Connections that all have the same time left from when they were added, so that a queue is a timer for any number of them: the oldest is looked at
/// first. Bounded by the number of connections.
/// </summary>
internal sealed class DeadlineQueue(NodeClock clock, TimeSpan delay, Action<ClientConnection> due)
{
    private readonly ConcurrentQueue<(ClientConnection Connection, long DueMs)> _queue = new();

    public int Count => _queue.Count;

    public void Add(ClientConnection connection) => _queue.Enqueue((connection, clock.MonoMs + (long)delay.TotalMilliseconds));

    /// <summary>Hands over those whose time has come.</summary>
    public void Sweep()
    {
        while (_queue.TryPeek(out (ClientConnection Connection, long DueMs) oldest) && oldest.DueMs <= clock.MonoMs)
        {
            if (_queue.TryDequeue(out oldest))
            {
                due(oldest.Connection);
            }
        }
    }
}
