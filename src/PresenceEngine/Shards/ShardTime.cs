namespace Presence.Engine;

/// <summary>The time of the present turn, the same for all that happens in it.</summary>
internal sealed class ShardTime(EngineClock clock)
{
    // Both clocks are cut to the millisecond: so much one of them may seem to run ahead.
    private const long RoundingMs = 1;

    private long _monoMs = long.MaxValue;

    /// <summary>Engine time, ms: for deadlines.</summary>
    public long Now => clock.Now;

    /// <summary>Real time, ms: when things happen; see <see cref="EngineClock"/>.</summary>
    public long Stamp => clock.Stamp;

    /// <summary>Unix ms: for people and stamps, never for deadlines.</summary>
    public long WallMs { get; private set; }

    /// <summary>The highest Unix ms that the wall clock has stepped back from since the start; 0 when it never has.</summary>
    public long SteppedBackFromMs { get; private set; }

    /// <summary>When the turn began, as fine as the host measures, microseconds; 0 when it does not.</summary>
    public long MonoUs { get; private set; }

    public uint Tick => TimingWheel.TickAt(clock.Now);

    /// <summary>The Unix ms of a stamp.</summary>
    public long WallAt(long stamp) => WallMs - (clock.Stamp - stamp);

    /// <summary>The stamp of a Unix ms that is no later than now.</summary>
    public long StampOf(long wallMs) => Math.Min(clock.Stamp, clock.Stamp - (WallMs - wallMs));

    /// <summary>Engine time of a stamp.</summary>
    public long EngineOf(long stamp) => clock.EngineOf(stamp);

    public void Advance(in TurnTime time)
    {
        // It may have been set back by less than has passed, as it is while the process stands still.
        long unset = WallMs + Math.Max(0, time.MonoMs - _monoMs);
        SteppedBackFromMs = time.WallMs < unset - RoundingMs ? Math.Max(SteppedBackFromMs, unset) : SteppedBackFromMs;
        (WallMs, _monoMs, MonoUs) = (time.WallMs, time.MonoMs, time.MonoUs);
        clock.Advance(time.MonoMs, time.CanaryMonoMs);
    }
}

/// <summary>What the host reads off its clocks before a turn; milliseconds.</summary>
/// <param name="MonoMs">Monotonic clock, any origin.</param>
/// <param name="WallMs">Unix time.</param>
/// <param name="CanaryMonoMs">When, on the monotonic clock, the I/O canary was last heard.</param>
public readonly record struct TurnTime(long MonoMs, long WallMs, long CanaryMonoMs)
{
    /// <summary>A monotonic clock in microseconds, the same for all shards, for measuring and nothing else; 0 when nothing is measured.</summary>
    public long MonoUs { get; init; }
}
