using Presence.Engine;

namespace Presence.Server.Hosting;

/// <summary>The clocks of the process, read in one place: monotonic and Unix milliseconds, and when I/O was last known to be alive.</summary>
internal sealed class NodeClock(TimeProvider time)
{
    private long _canaryMonoMs = long.MaxValue;

    public long MonoMs => MsOf(Ticks);

    /// <summary>The monotonic clock as fine as it goes, for measuring; see <see cref="Elapsed"/>.</summary>
    public long Ticks => time.GetTimestamp();

    public long WallMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>From a time of <see cref="Ticks"/> until now.</summary>
    public TimeSpan Elapsed(long sinceTicks) => time.GetElapsedTime(sinceTicks);

    /// <summary>The length of a time in <see cref="Ticks"/>.</summary>
    public TimeSpan SpanOf(long ticks) => time.GetElapsedTime(0, ticks);

    /// <summary>So much later, in <see cref="Ticks"/>.</summary>
    public long After(long ticks, int milliseconds) => ticks + (milliseconds * (time.TimestampFrequency / 1_000));

    /// <summary>A time of <see cref="Ticks"/> as one of <see cref="MonoMs"/>.</summary>
    public long MsOf(long ticks) => ticks / (time.TimestampFrequency / 1_000);

    /// <summary>A time of <see cref="Ticks"/> in microseconds, from the same origin.</summary>
    public long UsOf(long ticks) => ticks / (time.TimestampFrequency / 1_000_000);

    public TurnTime Read() => ReadAt(Ticks);

    /// <summary>The clocks at a time of <see cref="Ticks"/> that has just been read.</summary>
    public TurnTime ReadAt(long ticks)
    {
        long mono = MsOf(ticks);
        // Without a canary I/O counts as alive.
        return new TurnTime(mono, WallMs, Math.Min(Volatile.Read(ref _canaryMonoMs), mono)) { MonoUs = UsOf(ticks) };
    }

    /// <summary>The canary's byte has come through.</summary>
    public void HearCanary() => Volatile.Write(ref _canaryMonoMs, MonoMs);

    /// <summary>There is no canary any more; its silence means nothing.</summary>
    public void ForgetCanary() => Volatile.Write(ref _canaryMonoMs, long.MaxValue);
}
