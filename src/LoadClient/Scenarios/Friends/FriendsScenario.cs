using Presence.LoadClient.Connections;
using Presence.LoadClient.Fleets;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Pacing;
using Presence.LoadClient.Reports.Parts;
using Presence.LoadClient.Series;
using Presence.V1;

namespace Presence.LoadClient.Scenarios.Friends;

/// <summary>
/// N users, each watching K others and flipping its status now and then. Measures from the moment a flip was meant to be sent to its
/// receipt by each watcher; at the end every watcher's view must be the truth.
/// </summary>
internal sealed class FriendsScenario : IFleetEvents
{
    /// <summary>Flips before the measured ones: code is compiled, caches are warm.</summary>
    private static readonly TimeSpan _warmUpTime = TimeSpan.FromSeconds(2);

    private readonly FriendsOptions _options;
    private readonly RunContext _context;
    private readonly Fleet _fleet;
    private readonly View[] _views;
    private readonly int[] _watchers;
    private readonly Truth _truth;
    private readonly Deliveries _deliveries;
    private FlipPacer? _warmUp;
    private FlipPacer? _flips;

    public FriendsScenario(FriendsOptions options, RunContext context)
    {
        (_options, _context) = (options, context);
        ulong firstUser = context.Target.FirstUser;
        ulong[][] graph = WatchGraph.Draw(options.Connections, options.Watches, firstUser, context.Random);
        _views = [.. graph.Select(static watched => new View(watched))];
        _watchers = WatchGraph.CountWatchers(graph, firstUser);
        _fleet = new Fleet(context.FleetPlan, firstUser, _views, this);
        _truth = new Truth(options.Connections);
        _deliveries = new Deliveries(_truth, context.Latencies);
    }

    /// <summary>Runs all of it on the calling thread.</summary>
    public FriendsReport Run()
    {
        _context.Observe(Totals);
        TimeSpan ramped = BringUp.Run(_context, [_fleet]);
        string? limit = _fleet.Limits?.StatusChanges;
        _context.Warn(FlipOrder.WarningOf(_options.FlipsPerSecond, _options.Connections, limit ?? "0"));
        TimeSpan measured = Measure();
        _context.Enter("quiesce");
        Quiescence.Wait(_context, [_fleet], FlipOrder.LongestDelay(limit), () => _truth.Unacked == 0, () => Compare().Wrong == 0);
        _context.Finish();
        return Report(ramped, measured);
    }

    public void OnWelcome(Session session, Welcome welcome, bool isReturn)
    {
        if (isReturn)
        {
            _truth.Returned(session.Index);
        }
    }

    public void OnLost(Session session) => _truth.Forget(session.Index);

    public void OnEntry(Session session, in SeenEntry entry, bool isNews)
    {
        if (isNews)
        {
            _deliveries.Add((int)(entry.UserId - _context.Target.FirstUser), entry.Status, _context.Loop.Now);
        }
    }

    public void OnAck(Session session, ulong requestId, ulong version) => _truth.Acked(session.Index, version);

    // The only requests of a session that is up are its flips.
    public void OnRefused(Session session, ulong requestId) => _truth.Refused(session.Index);

    private TimeSpan Measure()
    {
        var order = new FlipOrder(_options.Connections, _context.Random);
        _context.Enter("warm-up");
        _warmUp = Flip(order, _warmUpTime);
        _context.Enter("measure");
        TimeSpan start = _deliveries.MeasuredFrom = _context.Loop.Now;
        Flip(order, _context.Target.Duration);
        return _context.Loop.Now - start;
    }

    private FlipPacer Flip(FlipOrder order, TimeSpan duration)
    {
        TimeSpan start = _context.Loop.Now, end = start + duration;
        _flips = new FlipPacer(new OpenLoopPace(start, _options.FlipsPerSecond), order, _fleet.Sessions, _watchers, _truth, end);
        _context.Loop.Schedule(_flips, start);
        _context.RunUntil(end);
        _flips.OnDue(_context.Loop.Now);
        return _flips;
    }

    private RunTotals Totals() => _fleet.Totals with
    {
        Changes = (_warmUp is { } warmUp && warmUp != _flips ? warmUp.Sent : 0) + (_flips?.Sent ?? 0),
        Deliveries = _deliveries.Count,
    };

    private Comparison Compare() =>
        new ViewComparer(_truth, _context.Target.FirstUser, user => _fleet.Sessions[user].IsUp).Compare(_views);

    private FriendsReport Report(TimeSpan ramped, TimeSpan measured) => new()
    {
        Run = _context.Info,
        Seed = _context.Target.Seed,
        Seconds = measured.TotalSeconds,
        LatencyMs = _context.Latencies.Summarize(),
        LatencyPercentiles = _context.Latencies.Percentiles(),
        Series = _context.Series,
        Connections = ConnectionFigures.Of(_fleet, ramped),
        WatchesEach = _options.Watches,
        Flips = FlipFigures.Of(_options.FlipsPerSecond, _flips!, _truth),
        Deliveries = new DeliveryFigures(_flips!.Expected, _deliveries.Count),
        Heartbeats = HeartbeatFigures.Of(_fleet.Heartbeats),
        States = Compare(),
    };
}
