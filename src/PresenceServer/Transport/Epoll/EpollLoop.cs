using System.Collections.Concurrent;
using Presence.Server.Hosting;

namespace Presence.Server.Transport.Epoll;

/// <summary>
/// The I/O of one thread: it sleeps in the kernel's poll, and what is ready is read, handled and written right here, without a hop to another thread.
/// Everything a loop serves is touched by its thread alone; other threads ask by <see cref="Post"/>.
/// </summary>
internal sealed class EpollLoop : IShardRest, IDisposable
{
    private const int MaxEvents = 256;

    // What is left of a batch after this waits for the next: the turn's deadlines and fan-outs have their share.
    private const int MaxBatchMs = 5;

    // So many events or requests between two looks at the clock.
    private const int Stride = 16;

    [ThreadStatic]
    private static EpollLoop? t_current;

    private readonly NodeClock _clock;
    private readonly WakeSignal _signal;
    private readonly Poller _poller = new(MaxEvents);
    private readonly LoopBuffers _buffers = new();
    private readonly ConcurrentQueue<(IPolled Target, LoopRequest Request)> _requests = new();
    private readonly Queue<IPolled> _later = new();
    private readonly Stack<int> _freeKeys = new();

    // Free once the batch of events that may still name them is through.
    private readonly Stack<int> _forgotten = new();
    private IPolled?[] _served = new IPolled?[64];
    private int _highWater;
    private int _event;
    private int _events;
    private long _polledMs;
    private bool _ended;

    public EpollLoop(NodeClock clock)
    {
        _clock = clock;
        _signal = new WakeSignal(clock);
    }

    /// <summary>The loop whose thread this is.</summary>
    public static EpollLoop? Current => t_current;

    /// <summary>For what this loop has just read: it came before the poll returned, and one look at the clock serves a batch.</summary>
    public long NowMs => ReferenceEquals(t_current, this) ? _polledMs : _clock.MonoMs;

    public bool IsOwnThread => ReferenceEquals(t_current, this);

    public void Wake()
    {
        if (_signal.Raise())
        {
            _poller.Rouse();
        }
    }

    public long Clear() => _signal.Clear();

    /// <summary>Serves I/O; sleeps for it, at most so long, when there is none and nobody has woken the loop since <see cref="Clear"/>.</summary>
    public void Rest(int milliseconds)
    {
        Enter();
        if (_event == _events)
        {
            bool sleeps = milliseconds > 0 && _later.Count == 0 && _requests.IsEmpty && _signal.TryFallAsleep();
            FreeForgotten();
            _event = 0;
            _events = _poller.Wait(sleeps ? milliseconds : 0);
            _signal.StayAwake();
        }

        long now = _clock.Ticks;
        _polledMs = _clock.MsOf(now);
        long until = _clock.After(now, MaxBatchMs);
        RunRequests(until);
        RunEvents(until);
        RunLater(until);
    }

    /// <summary>Asks for something on this loop's thread, not before the present turn is over. Any thread.</summary>
    public void Post(IPolled target, LoopRequest request)
    {
        _requests.Enqueue((target, request));
        Wake();
        // Either the ending loop sees the request, or this sees that it has ended.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _ended))
        {
            RunRequestsOfTheEnded();
        }
    }

    /// <summary>Lets the others be served first; only on this loop's thread.</summary>
    public void GoOnLater(IPolled served) => _later.Enqueue(served);

    /// <summary>Serves a descriptor from now on; only on this loop's thread.</summary>
    /// <param name="key">To <see cref="Forget"/> it by; -1 when it is not served.</param>
    /// <returns>False when the loop has ended, or the kernel has no room.</returns>
    public bool TryServe(int descriptor, IPolled served, PollEvents events, out int key)
    {
        key = -1;
        int next = _freeKeys.TryPeek(out int free) ? free : _highWater;
        if (_ended || !_poller.TryAdd(descriptor, next, events | PollEvents.EdgeTriggered))
        {
            return false;
        }

        if (!_freeKeys.TryPop(out key))
        {
            key = _highWater++;
        }

        if (key == _served.Length)
        {
            Array.Resize(ref _served, key * 2);
        }

        _served[key] = served;
        return true;
    }

    /// <summary>Serves it no more. An event of it that is in the batch already goes to nobody: nobody else gets the key while the batch lasts.</summary>
    public void Forget(int key)
    {
        _served[key] = null;
        _forgotten.Push(key);
    }

    /// <inheritdoc cref="Poller.Remove"/>
    public void Remove(int descriptor) => _poller.Remove(descriptor);

    /// <summary>Drops all that is served, between turns. Any thread.</summary>
    public void DropAll() => Post(new All(this), LoopRequest.Abort);

    /// <summary>Drops what is still served. Its thread has ended.</summary>
    public void Dispose()
    {
        EpollLoop? before = t_current;
        Enter();
        RunRequests(long.MaxValue);
        AbortAll();

        Volatile.Write(ref _ended, true);
        Interlocked.MemoryBarrier();
        RunRequestsOfTheEnded();
        _poller.Dispose();
        t_current = before;
    }

    private void Enter()
    {
        t_current = this;
        _buffers.UseHere();
    }

    private void FreeForgotten()
    {
        while (_forgotten.TryPop(out int key))
        {
            _freeKeys.Push(key);
        }
    }

    private void RunEvents(long until)
    {
        while (_event < _events)
        {
            if (_poller.TryGet(_event++, out long key, out PollEvents events))
            {
                _served[key]?.OnEvents(events);
            }

            if (_event % Stride == 0 && _clock.Ticks > until)
            {
                return;
            }
        }
    }

    private void RunRequests(long until)
    {
        for (int done = 1; _requests.TryDequeue(out (IPolled Target, LoopRequest Request) next); done++)
        {
            next.Target.Do(next.Request);
            if (done % Stride == 0 && _clock.Ticks > until)
            {
                return;
            }
        }
    }

    // Whoever comes in meanwhile waits for the next time.
    private void RunLater(long until)
    {
        for (int left = _later.Count; left > 0; left--)
        {
            _later.Dequeue().GoOn();
            if (left % Stride == 0 && _clock.Ticks > until)
            {
                return;
            }
        }
    }

    // Nobody reads the queue any more: who asks is answered by who asks.
    private void RunRequestsOfTheEnded()
    {
        lock (_requests)
        {
            EpollLoop? before = t_current;
            t_current = this;
            do
            {
                RunRequests(long.MaxValue);
                RunLater(long.MaxValue);
            }
            while (_later.Count > 0);
            t_current = before;
        }
    }

    private void AbortAll()
    {
        for (int key = 0; key < _highWater; key++)
        {
            _served[key]?.Do(LoopRequest.Abort);
        }
    }

    /// <summary>All that the loop serves, as one to ask something of.</summary>
    private sealed class All(EpollLoop loop) : IPolled
    {
        public void OnEvents(PollEvents events)
        {
        }

        public void GoOn()
        {
        }

        public void Do(LoopRequest request) => loop.AbortAll();
    }
}
