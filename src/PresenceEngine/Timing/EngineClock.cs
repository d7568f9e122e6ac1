namespace Presence.Engine;

/// <summary>
/// Engine time of one shard: the monotonic clock less the time in which we were not really there. A silence of the shard's loop, or of the
/// I/O that feeds it (the canary), over <see cref="GapMs"/> is a gap and does not count: a stopped process, a frozen machine, a long
/// collection and a starved thread pool all look alike, and none of them may expire anyone. All times are milliseconds.
/// </summary>
public sealed class EngineClock
{
    /// <summary>A silence longer than this is a gap.</summary>
    public const long GapMs = 1_000;

    /// <summary>How often the I/O canary speaks.</summary>
    public const long CanaryPeriodMs = 1_000;

    private readonly GapHistory _gaps = new();

    // Monotonic time at which engine time was 0, moved on by every gap.
    private long _origin;
    private long _lastMono;
    private bool _ioSilent;
    private long _owed;

    /// <summary>Engine time begins at 0.</summary>
    public EngineClock(long monoMs) => _origin = _lastMono = monoMs;

    /// <summary>Engine time of the present turn.</summary>
    public long Now { get; private set; }

    /// <summary>Gaps seen so far.</summary>
    public long Gaps { get; private set; }

    /// <summary>What has been left out, in all.</summary>
    public long SkippedMs { get; private set; }

    /// <summary>Engine time of a monotonic time; for I/O threads that stamp what they read. Any thread.</summary>
    public long At(long monoMs) => monoMs - Volatile.Read(ref _origin);

    /// <summary>Begins a turn. <paramref name="canaryMonoMs"/> is when the canary was last heard.</summary>
    /// <returns>True when a gap ended: stamps made meanwhile may lie ahead of <see cref="Now"/>.</returns>
    public bool Advance(long monoMs, long canaryMonoMs)
    {
        long step = Math.Max(0, monoMs - _lastMono);
        _lastMono = Math.Max(_lastMono, monoMs);
        bool gapEnded = ObserveCanary(monoMs - canaryMonoMs);
        if (step > GapMs)
        {
            Skip(step);
            Gaps++;
            gapEnded = true;
        }
        else if (_ioSilent)
        {
            Skip(step);
        }
        else if (_owed > 0)
        {
            long repaid = Math.Min(step, _owed);
            _owed -= repaid;
            Skip(repaid);
        }

        Now = _lastMono - _origin;
        return gapEnded;
    }

    /// <summary>How long ago, on the real clock, engine time <paramref name="engineMs"/> was.</summary>
    public long RealAge(long engineMs) => Math.Max(0, Now - engineMs) + _gaps.After(engineMs);

    private bool ObserveCanary(long silence)
    {
        bool silent = silence > CanaryPeriodMs + GapMs;
        bool ended = _ioSilent && !silent;
        if (ended)
        {
            // What passed between the byte that did not come and our noticing has counted already: let it not count now.
            _owed = GapMs;
            Gaps++;
        }

        _ioSilent = silent;
        return ended;
    }

    private void Skip(long ms)
    {
        _gaps.Add(Now, ms);
        SkippedMs += ms;
        Volatile.Write(ref _origin, _origin + ms);
    }
}
