namespace Presence.Client.Connections;

/// <summary>Monotonic time since a connection began.</summary>
internal sealed class ConnectionClock(TimeProvider time)
{
    private readonly long _origin = time.GetTimestamp();

    public TimeSpan Now => time.GetElapsedTime(_origin);

    /// <summary>A timer that fires when it is told to, once each time.</summary>
    public ITimer CreateTimer(Action fired) =>
        time.CreateTimer(static state => ((Action)state!)(), fired, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
}
