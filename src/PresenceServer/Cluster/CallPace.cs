namespace Presence.Server.Cluster;

/// <summary>
/// When calls to other nodes may go. Each has its price, whatever it carries: when there are many, they go once in a window, to all nodes at the same moment, and what comes meanwhile goes with them. A few are let
/// through at once, so that nothing waits on a quiet node. Any thread.
/// </summary>
internal sealed class CallPace(TimeProvider time)
{
    /// <summary>The longest that a batch waits for its call.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(8);

    /// <summary>So many calls to a node may go at once, if none did before; they come back one a window.</summary>
    private const int Burst = 16;

    private readonly Lock _gate = new();
    private Task _window = Task.CompletedTask;

    /// <summary>The calls to one node.</summary>
    public Course Begin() => new(this);

    private Task NextWindow()
    {
        lock (_gate)
        {
            return _window.IsCompleted ? _window = Task.Delay(Window, time) : _window;
        }
    }

    /// <summary>One call after the other. One thread at a time.</summary>
    internal sealed class Course(CallPace pace)
    {
        // When the next would be due if each had come a window after the one before, in ticks of the clock.
        private long _due = long.MinValue;

        /// <summary>Completes when the next call may go, and counts it.</summary>
        public ValueTask NextAsync()
        {
            long now = pace.Now, window = pace.WindowTicks;
            _due = Math.Max(_due, now) + window;
            return _due - now <= Burst * window ? default : new(pace.NextWindow());
        }
    }

    private long Now => time.GetTimestamp();

    private long WindowTicks => (long)(Window.TotalSeconds * time.TimestampFrequency);
}
