namespace Presence.Engine;

/// <summary>
/// Engine time of one shard: the monotonic clock less the time in which we were not really there. A silence of the shard's loop, or of the
/// I/O that feeds it (the canary), over <see cref="GapMs"/> is a gap and does not count: a stopped process, a frozen machine, a long
/// collection and a starved thread pool all look alike, and none of them may expire anyone. All times are milliseconds.
/// </summary>
/// <remarks>
/// What happens is stamped with real time since the clock began, in which moments before, in and after a gap differ; how much of the time since then
/// counts is worked out when a deadline is judged.
/// </remarks>
public sealed class EngineClock
{
    /// <summary>A silence longer than this is a gap.</summary>
    public const long GapMs = 1_000;

    /// <summary>How often the I/O canary speaks.</summary>
    public const long CanaryPeriodMs = 1_000;

    private readonly GapHistory _gaps = new();
    private readonly long _origin;
    private bool _ioSilent;
    private long _owed;

    /// <summary>Engine time and stamps begin at 0.</summary>
    public EngineClock(long monoMs) => _origin = monoMs;

    /// <summary>Engine time of the present turn.</summary>
    public long Now => Stamp - SkippedMs;

    /// <summary>The stamp of the present turn: real time.</summary>
    public long Stamp { get; private set; }

    /// <summary>Gaps seen so far.</summary>
    public long Gaps { get; private set; }

    /// <summary>What has been left out, in all.</summary>
    public long SkippedMs { get; private set; }

    /// <summary>The stamp of a monotonic time; for I/O threads that stamp what they read. Any thread.</summary>
    public long At(long monoMs) => monoMs - _origin;

    /// <summary>Engine time of a stamp: of one made while engine time stood still, that of then. Any thread.</summary>
    public long EngineOf(long stamp) => stamp - _gaps.Before(stamp);

    /// <summary>Begins a turn. <paramref name="canaryMonoMs"/> is when the canary was last heard.</summary>
    public void Advance(long monoMs, long canaryMonoMs)
    {
        long before = Stamp;
        Stamp = Math.Max(Stamp, At(monoMs));
        long step = Stamp - before;
        ObserveCanary(monoMs - canaryMonoMs);
        if (step > GapMs)
        {
            Skip(before, step);
            Gaps++;
        }
        else if (_ioSilent)
        {
            Skip(before, step);
        }
        else if (_owed > 0)
        {
            long repaid = Math.Min(step, _owed);
            _owed -= repaid;
            Skip(before, repaid);
        }
    }

    private void ObserveCanary(long silence)
    {
        bool silent = silence > CanaryPeriodMs + GapMs;
        if (_ioSilent && !silent)
        {
            // What passed between the byte that did not come and our noticing has counted already: let it not count now.
            _owed = GapMs;
            Gaps++;
        }

        _ioSilent = silent;
    }

    private void Skip(long stamp, long ms)
    {
        _gaps.Add(stamp, ms);
        SkippedMs += ms;
    }
}
