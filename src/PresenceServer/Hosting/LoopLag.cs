namespace Presence.Server.Hosting;

/// <summary>
/// How long after it was due each turn of a shard began: after somebody asked for it, or after the tick that the shard slept for. What keeps a message
/// waiting (a long turn, a busy core) shows here. Written by the shard's thread; read by one sampler, which needs no exact moment.
/// </summary>
internal sealed class LoopLag
{
    private long _sum;
    private long _longest;

    /// <summary>Of all turns since the start, in clock ticks.</summary>
    public long Sum => Volatile.Read(ref _sum);

    /// <summary>The longest since <see cref="TakeLongest"/>, in clock ticks.</summary>
    public long Longest => Volatile.Read(ref _longest);

    public void Add(long ticks)
    {
        long lag = Math.Max(0, ticks);
        Volatile.Write(ref _sum, _sum + lag);
        if (lag > Volatile.Read(ref _longest))
        {
            Volatile.Write(ref _longest, lag);
        }
    }

    /// <summary>The longest since this was last asked, in clock ticks.</summary>
    public long TakeLongest() => Interlocked.Exchange(ref _longest, 0);
}
