namespace Presence.Server.Storage;

/// <summary>
/// The time by which what is old enough is forgotten: the wall clock, but it goes forward at most twice as fast as the monotonic one. So a wall clock that somebody
/// sets ahead by years takes as much as it stood wrong, not all there is; and one that was behind when the process began is caught up with. Any thread.
/// </summary>
internal sealed class RetentionClock(TimeProvider time)
{
    private readonly Lock _gate = new();

    // What is forgotten by may be no later; goes on however the wall clock is set.
    private long _latestMs = WallMs(time);
    private long _readAt = time.GetTimestamp();

    /// <summary>Unix milliseconds.</summary>
    public long NowMs
    {
        get
        {
            long wallMs = WallMs(time);
            lock (_gate)
            {
                long readAt = time.GetTimestamp();
                long sinceMs = (long)time.GetElapsedTime(_readAt, readAt).TotalMilliseconds;
                if (sinceMs > 0)
                {
                    _latestMs += Math.Clamp(wallMs - _latestMs, sinceMs, 2 * sinceMs);
                    _readAt = readAt;
                }

                return Math.Min(wallMs, _latestMs);
            }
        }
    }

    private static long WallMs(TimeProvider time) => time.GetUtcNow().ToUnixTimeMilliseconds();
}
