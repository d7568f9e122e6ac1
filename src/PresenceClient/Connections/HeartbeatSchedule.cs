namespace Presence.Client.Connections;

/// <summary>What the schedule asks for now.</summary>
internal enum HeartbeatStep
{
    Wait,
    Beat,

    /// <summary>The oldest heartbeat that asked for an ack did not get it in time: the connection is dead.</summary>
    GiveUp,
}

/// <summary>
/// When the next heartbeat is due and when an ack is overdue. Pure: times are passed in, measured from any fixed origin of the
/// connection (the moment Hello was sent, say).
/// </summary>
/// <remarks>
/// Invariants, d being the interval: two frames are never more than d apart; two heartbeats never less than d/4 apart; the first
/// heartbeat keeps the moment that the server drew for it, whatever is sent before, because that draw is what spreads a storm.
/// </remarks>
internal sealed class HeartbeatSchedule
{
    /// <summary>No server is obeyed below this: a heartbeat every few milliseconds would be a loop, not a sign of life.</summary>
    internal static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);

    private const double EarliestShare = 0.8;

    private readonly Random _random;
    private readonly TimeSpan? _fixedAckTimeout;
    private readonly Queue<TimeSpan> _unacked = new();
    private TimeSpan _interval;
    private TimeSpan _lastFrame;
    private TimeSpan? _lastHeartbeat;

    /// <param name="interval">d, as told by Welcome.</param>
    /// <param name="firstAfter">How long after <paramref name="welcomed"/> the first heartbeat goes out.</param>
    /// <param name="helloSent">When the last frame (Hello) was sent.</param>
    /// <param name="welcomed">When Welcome arrived.</param>
    /// <param name="ackTimeout">How long an ack may take; null: <see cref="DefaultAckTimeout"/> of the interval.</param>
    /// <param name="random">Spreads the heartbeats.</param>
    public HeartbeatSchedule(
        TimeSpan interval, TimeSpan firstAfter, TimeSpan helloSent, TimeSpan welcomed, TimeSpan? ackTimeout, Random random)
    {
        _random = random;
        _fixedAckTimeout = ackTimeout;
        _interval = AtLeastShortest(interval);
        _lastFrame = helloSent;
        Due = Min(welcomed + firstAfter, helloSent + _interval);
    }

    /// <summary>When the next heartbeat goes out, unless another frame is sent first.</summary>
    public TimeSpan Due { get; private set; }

    /// <summary>d: what the server said last.</summary>
    public TimeSpan Interval => _interval;

    /// <summary>When <see cref="StepAt"/> has something new to say.</summary>
    public TimeSpan NextLook => AckDeadline is { } deadline ? Min(Due, deadline) : Due;

    private TimeSpan? AckDeadline => _unacked.TryPeek(out TimeSpan asked) ? asked + AckTimeout : null;

    private TimeSpan AckTimeout => _fixedAckTimeout ?? DefaultAckTimeout(_interval);

    /// <summary>
    /// 2δ where δ is not known: a third of d (as d = 30 s, δ = 5 s), at most 10 s, at least 1 s so that a busy machine is not taken for
    /// a dead one.
    /// </summary>
    public static TimeSpan DefaultAckTimeout(TimeSpan interval) =>
        TimeSpan.FromSeconds(Math.Clamp(interval.TotalSeconds / 3, 1, 10));

    public HeartbeatStep StepAt(TimeSpan now) =>
        AckDeadline <= now ? HeartbeatStep.GiveUp
        : Due <= now ? HeartbeatStep.Beat
        : HeartbeatStep.Wait;

    /// <summary>A frame other than a heartbeat was sent; it is as good a sign of life.</summary>
    public void FrameSent(TimeSpan now)
    {
        _lastFrame = now;
        if (_lastHeartbeat is not null)
        {
            Arm(now);
        }
    }

    public void HeartbeatSent(TimeSpan now, bool wantsAck)
    {
        _lastFrame = now;
        _lastHeartbeat = now;
        if (wantsAck)
        {
            _unacked.Enqueue(now);
        }
        Arm(now);
    }

    /// <summary>
    /// The server answered the oldest unacked heartbeat and said the interval. A shorter one re-arms at once; a longer one counts from
    /// the next frame, as it does for the server.
    /// </summary>
    public void AckReceived(TimeSpan now, TimeSpan interval)
    {
        _unacked.TryDequeue(out _);
        interval = AtLeastShortest(interval);
        bool shorter = interval < _interval;
        _interval = interval;
        if (shorter)
        {
            Arm(now);
        }
    }

    private void Arm(TimeSpan now)
    {
        TimeSpan due = _lastFrame + _interval * (EarliestShare + (1 - EarliestShare) * _random.NextDouble());
        TimeSpan earliest = _lastHeartbeat is { } last ? Max(now, last + _interval / 4) : now;
        Due = Max(due, earliest);
    }

    private static TimeSpan AtLeastShortest(TimeSpan interval) => Max(interval, ShortestInterval);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
