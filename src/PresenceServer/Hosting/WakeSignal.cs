namespace Presence.Server.Hosting;

/// <summary>
/// Whether a thread is wanted, since when, and whether it sleeps. Says when the sleeper has to be roused; how, is its owner's. To want a thread that is
/// awake is a fence and a read.
/// </summary>
internal sealed class WakeSignal(NodeClock clock)
{
    // Ticks of the clock at the first signal since Clear; 0 = not signalled.
    private long _signalledAt;
    private bool _asleep;

    /// <summary>Any thread.</summary>
    /// <returns>True: the thread sleeps and this is who must rouse it.</returns>
    public bool Raise()
    {
        // Either this sees the sleeper, or the sleeper sees the signal: both write first and read then, with a full fence between.
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref _signalledAt) == 0
            && Interlocked.CompareExchange(ref _signalledAt, clock.Ticks, 0) == 0
            && Volatile.Read(ref _asleep);
    }

    /// <summary>What is signalled from here on counts anew.</summary>
    /// <returns>Since when it was signalled; 0 when it was not.</returns>
    public long Clear() => Interlocked.Exchange(ref _signalledAt, 0);

    /// <summary>The thread is about to sleep.</summary>
    /// <returns>False: it was signalled since <see cref="Clear"/> and must not.</returns>
    public bool TryFallAsleep()
    {
        Volatile.Write(ref _asleep, true);
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref _signalledAt) == 0;
    }

    public void StayAwake() => Volatile.Write(ref _asleep, false);
}
