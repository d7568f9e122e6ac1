using Presence.Server.Hosting;

namespace Presence.Server.Transport.Admission;

/// <summary>
/// What one kind of listener lets in a second. Two schedules: who has shown who it is, and before that who asks for the judgement of a signature. A flood of tokens that are none fills the
/// second; those who were here before, whose resume token costs a hash, never meet it. Any thread.
/// </summary>
internal sealed class HandshakeBudget
{
    // What came while nobody did: a handful of friends need no schedule, a fleet does.
    private static readonly TimeSpan s_burst = TimeSpan.FromSeconds(1);

    // Of the rate, while the node is overloaded: a trickle, so that nobody waits for ever.
    private const int FewNewcomers = 64;

    private readonly Lock _lock = new();
    private readonly SlotSchedule _sessions;
    private readonly SlotSchedule _signatures;
    private readonly SlotSchedule _newcomers;
    private readonly NodeClock _clock;
    private long _deferred;

    /// <param name="perSecond">Sessions.</param>
    /// <param name="signatures">Tokens judged, a second.</param>
    /// <param name="latest">The latest slot.</param>
    public HandshakeBudget(int perSecond, int signatures, TimeSpan latest, NodeClock clock)
    {
        (PerSecond, _clock) = (perSecond, clock);
        _sessions = new SlotSchedule(perSecond, s_burst, latest);
        _signatures = new SlotSchedule(signatures, s_burst, latest);
        _newcomers = new SlotSchedule(Math.Max(1.0, (double)perSecond / FewNewcomers), s_burst, latest);
    }

    public int PerSecond { get; }

    /// <summary>Handshakes that were told to come again, since the start.</summary>
    public long Deferred => Volatile.Read(ref _deferred);

    /// <summary>Those of them that have a slot and have not come.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                TimeSpan now = _clock.SpanOf(_clock.Ticks);
                return _sessions.WaitingAt(now) + _signatures.WaitingAt(now) + _newcomers.WaitingAt(now);
            }
        }
    }

    /// <summary>How long from now on somebody has been told to stay away, at the most; negative when that is over.</summary>
    public TimeSpan UntilLastSlot
    {
        get
        {
            lock (_lock)
            {
                long last = Math.Max(_sessions.LastSlot.Ticks, Math.Max(_signatures.LastSlot.Ticks, _newcomers.LastSlot.Ticks));
                return new TimeSpan(last) - _clock.SpanOf(_clock.Ticks);
            }
        }
    }

    /// <summary>Asks for a session, of one who is known.</summary>
    /// <param name="key">The device.</param>
    /// <returns>As <see cref="SlotSchedule.Enter"/>.</returns>
    public TimeSpan EnterSession(ulong key) => Enter(_sessions, key);

    /// <summary>The same of one who was not here before, while the node is overloaded.</summary>
    public TimeSpan EnterNewcomer(ulong key) => Enter(_newcomers, key);

    /// <summary>Asks for a look at a token's signature.</summary>
    /// <param name="key">The device and its token.</param>
    /// <returns>As <see cref="SlotSchedule.Enter"/>.</returns>
    public TimeSpan EnterSignature(ulong key) => Enter(_signatures, key);

    private TimeSpan Enter(SlotSchedule schedule, ulong key)
    {
        TimeSpan wait;
        lock (_lock)
        {
            // In the lock: times rise from call to call.
            wait = schedule.Enter(key, _clock.SpanOf(_clock.Ticks));
        }

        if (wait > TimeSpan.Zero)
        {
            Interlocked.Increment(ref _deferred);
        }

        return wait;
    }
}
