using Presence.Engine;

namespace Presence.Server.Hosting;

/// <summary>Puts a shard's thread to sleep and wakes it, and remembers since when it was wanted. Waking a thread that is awake is a fence and a read.</summary>
internal sealed class WakeSignal(NodeClock clock) : IWake
{
    private readonly object _gate = new();

    // Ticks of the clock at the first signal since Clear; 0 = not signalled.
    private long _signalledAt;
    private bool _asleep;

    public void Wake()
    {
        // Either this sees the sleeper, or the sleeper sees the signal: both write first and read then, with a full fence between.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _signalledAt) == 0
            && Interlocked.CompareExchange(ref _signalledAt, clock.Ticks, 0) == 0
            && Volatile.Read(ref _asleep))
        {
            lock (_gate)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Before a turn: what is posted from here on wakes again.</summary>
    /// <returns>Since when the turn was wanted; 0 when nobody asked for it.</returns>
    public long Clear() => Interlocked.Exchange(ref _signalledAt, 0);

    /// <summary>Sleeps until woken, at most so long; returns at once when woken since <see cref="Clear"/>.</summary>
    public void Wait(int milliseconds)
    {
        lock (_gate)
        {
            Volatile.Write(ref _asleep, true);
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _signalledAt) == 0)
            {
                Monitor.Wait(_gate, milliseconds);
            }

            Volatile.Write(ref _asleep, false);
        }
    }
}
