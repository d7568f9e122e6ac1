namespace Presence.Server.Cluster;

/// <summary>
/// When calls to other nodes may go. Each has its price, whatever it carries: when there are many, one goes in a window, to all nodes at the same moment, and what comes meanwhile goes with it. A few are let through at
/// once, so that nothing waits on a quiet node. Any thread.
/// </summary>
internal sealed class CallPace(TimeProvider time)
{
    /// <summary>The longest that a batch waits for its call.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(10);

    /// <summary>So many windows' worth of calls may go at once, if none did before.</summary>
    private const int Burst = 16;

    // At once a call counts three quarters of a window, in a window the whole: windows begin when there are a third more calls than there are windows, and go on until there are fewer.
    private const int OfFour = 3;

    private readonly long _window = (long)(Window.TotalSeconds * time.TimestampFrequency);

    /// <summary>The calls to one node.</summary>
    public Course Begin() => new(this);

    /// <summary>One call after the other. One thread at a time.</summary>
    internal sealed class Course(CallPace pace)
    {
        // When nothing would be owed any more of what the calls so far count, in ticks of the clock.
        private long _due = long.MinValue;

        // The number of the window in which the last went.
        private long _last = -1;
        private bool _isPaced;

        /// <summary>How long the next has to wait from now on: until a window begins in which none went, or not at all.</summary>
        public TimeSpan Wait()
        {
            long now = pace.Now, window = pace._window;
            _isPaced = _isPaced && _due - now >= Burst * window / 2;
            return !_isPaced || now / window != _last ? TimeSpan.Zero : TimeSpan.FromSeconds((double)(window - (now % window)) / pace.Frequency);
        }

        /// <summary>One goes.</summary>
        public void Count()
        {
            long now = pace.Now, window = pace._window;
            _due = Math.Max(_due, now) + (_isPaced ? window : window * OfFour / 4);
            _isPaced |= _due - now >= Burst * window;
            _last = now / window;
        }
    }

    private long Now => time.GetTimestamp();

    private long Frequency => time.TimestampFrequency;
}
