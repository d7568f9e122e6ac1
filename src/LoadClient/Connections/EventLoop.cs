using System.Net.Sockets;
using Presence.LoadClient.Pacing;
using Presence.Protocol;

namespace Presence.LoadClient.Connections;

/// <summary>
/// One thread for everything a generator does: what is due is sent, what has arrived is read. All that hangs on it is touched by that
/// thread alone, so nothing of it locks.
/// </summary>
internal sealed class EventLoop(TimeProvider time) : IDisposable
{
    /// <summary>Few enough that a deadline waits at most a few hundred reads.</summary>
    private const int Batch = 256;

    /// <summary>How long a cancellation goes unnoticed.</summary>
    private static readonly TimeSpan _longestWait = TimeSpan.FromMilliseconds(50);

    private readonly Epoll _epoll = new(Batch);
    private readonly PriorityQueue<IDeadline, TimeSpan> _deadlines = new();
    private readonly long _start = time.GetTimestamp();
    private IPolled?[] _connections = new IPolled?[1_024];
    // By the same number: the wait before which each was attached.
    private long[] _attachedBefore = new long[1_024];
    private long _waits;

    /// <summary>Room for the longest frame and the beginning of the next; shared by all connections.</summary>
    public byte[] Scratch { get; } = new byte[2 * (ProtocolLimits.MaxFrameBytes + LengthPrefix.MaxBytes)];

    /// <summary>Since the loop was made; all times of a run count from here.</summary>
    public TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Another one with the same clock, for what must not be in the way of what hangs on this one: its own thread's.</summary>
    public EventLoop Sibling() => new(time);

    public void Schedule(IDeadline deadline, TimeSpan at) => _deadlines.Enqueue(deadline, at);

    /// <summary>Works until a condition holds; it is looked at after every batch of events.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before.</exception>
    public void RunUntil(Func<bool> done, CancellationToken cancellation)
    {
        while (!done())
        {
            cancellation.ThrowIfCancellationRequested();
            Serve(_epoll.Wait(UntilNextDeadline()));
            RunDue();
        }
    }

    public void Attach(IPolled connection, Socket socket, Readiness readiness)
    {
        int handle = Epoll.Handle(socket);
        if (handle >= _connections.Length)
        {
            Array.Resize(ref _connections, Math.Max(handle + 1, _connections.Length * 2));
            Array.Resize(ref _attachedBefore, _connections.Length);
        }

        _connections[handle] = connection;
        _attachedBefore[handle] = _waits + 1;
        _epoll.Watch(socket, readiness);
    }

    public void Change(Socket socket, Readiness readiness) => _epoll.Change(socket, readiness);

    public void Detach(Socket socket)
    {
        _epoll.Forget(socket);
        _connections[Epoll.Handle(socket)] = null;
    }

    public void Dispose()
    {
        foreach (IPolled? connection in _connections)
        {
            connection?.Dispose();
        }

        _epoll.Dispose();
    }

    private TimeSpan UntilNextDeadline()
    {
        if (!_deadlines.TryPeek(out _, out TimeSpan next))
        {
            return _longestWait;
        }

        TimeSpan wait = next - Now;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait < _longestWait ? wait : _longestWait;
    }

    private void Serve(int ready)
    {
        _waits++;
        for (int i = 0; i < ready; i++)
        {
            (int handle, Readiness readiness) = _epoll.Ready(i);
            // Closed by an event before this one, when there is none or one that got the number since: what is ready is not its own, and
            // one that connects would take it for being connected.
            if (_attachedBefore[handle] <= _waits)
            {
                _connections[handle]?.OnReady(readiness);
            }
        }
    }

    private void RunDue()
    {
        TimeSpan now = Now;
        while (_deadlines.TryPeek(out IDeadline? deadline, out TimeSpan at) && at <= now)
        {
            _deadlines.Dequeue();
            if (deadline.OnDue(now) is { } next)
            {
                _deadlines.Enqueue(deadline, next);
            }
        }
    }
}
