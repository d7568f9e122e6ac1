using Presence.LoadClient.Connections;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Pacing;
using Presence.LoadClient.Reports;
using Presence.V1;

namespace Presence.LoadClient.Scenarios;

/// <summary>
/// N users, each watching K others and flipping its status now and then. Measures from the moment a flip was meant to be sent to its
/// receipt by each watcher; at the end every watcher's view must be the truth.
/// </summary>
internal sealed class FriendsScenario : ISessionEvents
{
    /// <summary>Flips before the measured ones: code is compiled, caches are warm.</summary>
    private static readonly TimeSpan _warmUpTime = TimeSpan.FromSeconds(2);

    /// <summary>How long answers and updates may take after the last flip; a delayed flip waits in the server besides.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private readonly FriendsOptions _options;
    private readonly ulong _firstUser;
    private readonly EventLoop _loop;
    private readonly SessionPlan _plan;
    private readonly Random _random;
    private readonly Session[] _sessions;
    private readonly View[] _views;
    private readonly int[] _watchers;
    private readonly Truth _truth;
    private readonly Ramp _ramp;
    private readonly Deliveries _deliveries;
    private readonly Tally _failures = new();
    private readonly Tally _lost = new();
    private readonly Tally _errors = new();
    private FlipPacer? _warmUp;
    private FlipPacer? _flips;
    private string? _statusChanges;
    private int _up;

    public FriendsScenario(FriendsOptions options, UserTokens tokens, EventLoop loop)
    {
        _options = options;
        _firstUser = (ulong)options.FirstUser;
        _loop = loop;
        _random = new Random(options.Seed);
        _plan = new SessionPlan(loop, options.Servers, tokens, this, _random);
        ulong[][] graph = WatchGraph.Draw(options.Connections, options.Watches, _firstUser, _random);
        _views = [.. graph.Select(static watched => new View(watched))];
        _watchers = WatchGraph.CountWatchers(graph, _firstUser);
        _sessions = [.. graph.Select((watched, i) => new Session(i, _firstUser + (ulong)i, watched, _plan))];
        _truth = new Truth(options.Connections);
        _ramp = new Ramp(_sessions);
        _deliveries = new Deliveries(_truth);
    }

    /// <summary>Runs all of it on the calling thread.</summary>
    /// <param name="progress">Told a few times a second how it goes.</param>
    public FriendsReport Run(ProgressFeed progress, CancellationToken cancellation)
    {
        _loop.Schedule(new Periodic(ProgressFeed.Period, () => progress.Publish(Snapshot())), _loop.Now);
        TimeSpan ramped = RampUp(progress, cancellation);
        TimeSpan measured = Measure(progress, cancellation);
        progress.Phase = "quiesce";
        Quiesce(cancellation);
        Comparison comparison = Compare();
        return Report(ramped, measured, comparison);
    }

    public void OnUp(Session session, Limits limits)
    {
        _up++;
        _statusChanges ??= limits.StatusChanges;
        _ramp.Settle();
    }

    public void OnDown(Session session, bool wasUp, string reason)
    {
        _truth.Forget(session.Index);
        if (wasUp)
        {
            _up--;
            _lost.Add(reason);
        }
        else
        {
            _failures.Add(reason);
            _ramp.Settle();
        }
    }

    public void OnEntry(Session session, in SeenEntry entry)
    {
        if (_views[session.Index].Merge(entry))
        {
            _deliveries.Add((int)(entry.UserId - _firstUser), entry.Status, _loop.Now);
        }
    }

    public void OnAck(Session session, ulong requestId, ulong version) => _truth.Acked(session.Index, version);

    public void OnError(Session session, Error error)
    {
        _errors.Add(error.Code.ToString().ToLowerInvariant());
        // The only requests of a session that is up are its flips.
        if (session.IsUp && error.HasRequestId)
        {
            _truth.Refused(session.Index);
        }
    }

    private TimeSpan RampUp(ProgressFeed progress, CancellationToken cancellation)
    {
        progress.Phase = "ramp";
        TimeSpan start = _loop.Now;
        _ramp.Start();
        _loop.RunUntil(() => _ramp.IsDone, cancellation);
        if (_statusChanges is not null)
        {
            progress.Warning = FlipOrder.WarningOf(_options.FlipsPerSecond, _options.Connections, _statusChanges);
        }

        return _loop.Now - start;
    }

    private TimeSpan Measure(ProgressFeed progress, CancellationToken cancellation)
    {
        var order = new FlipOrder(_options.Connections, _random);
        progress.Phase = "warm-up";
        _warmUp = Flip(order, _warmUpTime, cancellation);
        progress.Phase = "measure";
        TimeSpan start = _deliveries.MeasuredFrom = _loop.Now;
        _flips = Flip(order, _options.Duration, cancellation);
        return _loop.Now - start;
    }

    private FlipPacer Flip(FlipOrder order, TimeSpan duration, CancellationToken cancellation)
    {
        TimeSpan start = _loop.Now, end = start + duration;
        var pacer = new FlipPacer(new OpenLoopPace(start, _options.FlipsPerSecond), order, _sessions, _watchers, _truth, end);
        _flips = pacer;
        _loop.Schedule(pacer, start);
        _loop.RunUntil(() => _loop.Now >= end, cancellation);
        pacer.OnDue(_loop.Now);
        return pacer;
    }

    // Answers first; then a round trip on every connection, behind which nothing can be under way but updates that a congested connection
    // still waits for; then until all is right, or the patience is over.
    private void Quiesce(CancellationToken cancellation)
    {
        TimeSpan end = _loop.Now + _patience + FlipOrder.LongestDelay(_statusChanges);
        _loop.RunUntil(() => _truth.Unacked == 0 || _loop.Now >= end, cancellation);
        long acks = _plan.Heartbeats.Acked + RoundTrip();
        _loop.RunUntil(() => _plan.Heartbeats.Acked >= acks || _loop.Now >= end, cancellation);
        _loop.RunUntil(() => _loop.Now >= end || Compare().Wrong == 0, cancellation);
    }

    private int RoundTrip()
    {
        int asked = 0;
        foreach (Session session in _sessions.Where(static session => session.IsUp))
        {
            session.AskForAck();
            asked++;
        }

        return asked;
    }

    private Comparison Compare() => new ViewComparer(_truth, _firstUser, user => _sessions[user].IsUp).Compare(_views);

    private ProgressSnapshot Snapshot() => new(
        _up, _failures.Total + _lost.Total, (_warmUp?.Sent ?? 0) + (_flips?.Sent ?? 0), _deliveries.Count,
        _plan.Heartbeats.Sent, _deliveries.Latencies.Summarize());

    private FriendsReport Report(TimeSpan ramped, TimeSpan measured, Comparison comparison) => new()
    {
        Server = _options.Servers.ToString(),
        Seed = _options.Seed,
        Connections = new ConnectionFigures(
            _options.Connections, _up, ramped.TotalSeconds, _failures.Counts, _lost.Counts, _errors.Counts),
        WatchesEach = _options.Watches,
        Seconds = measured.TotalSeconds,
        Flips = new FlipFigures(_options.FlipsPerSecond, _flips!.Sent, _flips.Left, _truth.Unacked, _flips.Lateness.Summarize()),
        Deliveries = new DeliveryFigures(_flips.Expected, _deliveries.Count),
        LatencyMs = _deliveries.Latencies.Summarize(),
        Heartbeats = new HeartbeatFigures(_plan.Heartbeats.Sent, _plan.Heartbeats.Acked),
        States = comparison,
    };
}
