using Presence.Engine;

namespace Presence.Server.Hosting;

/// <summary>Puts a shard's thread to sleep and wakes it. Waking a thread that is awake is one exchange.</summary>
internal sealed class WakeSignal : IWake
{
    private readonly object _gate = new();
    private int _signalled;
    private bool _asleep;

    public void Wake()
    {
        // Either this sees the sleeper, or the sleeper sees the signal: both write first and read then, with a full fence between.
        if (Interlocked.Exchange(ref _signalled, 1) == 0 && Volatile.Read(ref _asleep))
        {
            lock (_gate)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Before a turn: what is posted from here on wakes again.</summary>
    public void Clear() => Interlocked.Exchange(ref _signalled, 0);

    /// <summary>Sleeps until woken, at most so long; returns at once when woken since <see cref="Clear"/>.</summary>
    public void Wait(int milliseconds)
    {
        lock (_gate)
        {
            Volatile.Write(ref _asleep, true);
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _signalled) == 0)
            {
                Monitor.Wait(_gate, milliseconds);
            }

            Volatile.Write(ref _asleep, false);
        }
    }
}
