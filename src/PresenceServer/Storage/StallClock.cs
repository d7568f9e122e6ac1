namespace Presence.Server.Storage;

/// <summary>How long a thread has been in its present piece of work; written by that thread, read by any.</summary>
internal sealed class StallClock(TimeProvider time)
{
    /// <summary>Past this a thread counts as stuck.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private long _since = -1;

    public bool IsStalled => Interlocked.Read(ref _since) is >= 0 and var since && time.GetElapsedTime(since) > Limit;

    public void Begin() => Interlocked.Exchange(ref _since, time.GetTimestamp());

    public void End() => Interlocked.Exchange(ref _since, -1);
}
