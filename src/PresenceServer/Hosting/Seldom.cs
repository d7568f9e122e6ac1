namespace Presence.Server.Hosting;

/// <summary>For what happens to many at once and is to be told of once in a while.</summary>
internal sealed class Seldom(TimeProvider time)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(10);

    private long _next = long.MinValue;

    /// <summary>Whether the pause since it was last true is over. Any thread; true for one of them.</summary>
    public bool IsTime()
    {
        long now = time.GetTimestamp();
        long next = Volatile.Read(ref _next);
        return now >= next && Interlocked.CompareExchange(ref _next, now + (long)(s_pause.TotalSeconds * time.TimestampFrequency), next) == next;
    }
}
