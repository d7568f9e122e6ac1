using Microsoft.Extensions.Time.Testing;

namespace Presence.Server.Tests.Storage;

/// <summary>A clock of a test whose wall time somebody may set; the monotonic time and the timers go on as they did.</summary>
internal sealed class SetWallClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    /// <summary>By how much the wall clock is ahead.</summary>
    public TimeSpan AheadBy { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + AheadBy;

    // The other is made of the wall time.
    public override long GetTimestamp() => base.GetTimestamp() - AheadBy.Ticks;
}
