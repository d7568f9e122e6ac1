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
    private readonly FriendsOptions _options;
    private readonly RunContext _context;
    private readonly Fleet _fleet;
    private readonly Truth _truth;
    private readonly Deliveries _deliveries;
    private readonly FlipRun _flips;

    public FriendsScenario(FriendsOptions options, RunContext context)
    {
        (_options, _context) = (options, context);
        ulong firstUser = context.Target.FirstUser;
        ulong[][] graph = WatchGraph.Draw(options.Connections, options.Watches, firstUser, context.Random);
        _fleet = new Fleet(context.FleetPlan, firstUser, [.. graph.Select(static watched => new View(watched))], this);
        _truth = new Truth(options.Connections);
        _deliveries = new Deliveries(_truth, context.Latencies);
        _flips = new FlipRun(context, options.FlipsPerSecond, _fleet.Sessions, WatchGraph.CountWatchers(graph, firstUser), _truth);
    }

    /// <summary>Runs all of it on the calling thread.</summary>
    public FriendsReport Run()
    {
        _context.Observe(Totals);
        TimeSpan ramped = BringUp.Run(_context, [_fleet]);
        string? limit = _fleet.Limits?.StatusChanges;
        _context.Warn(FlipOrder.WarningOf(_options.FlipsPerSecond, _options.Connections, limit ?? "0"));
        _flips.WarmUp();
        _deliveries.MeasuredFrom = _context.Loop.Now;
        TimeSpan measured = _flips.Measure();
        _context.Enter("quiesce");
        Quiescence.Wait(_context, [_fleet], FlipOrder.LongestDelay(limit), () => _truth.Unacked == 0, () => Compare().Wrong == 0);
        _context.Sample();
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

    private RunTotals Totals() => _fleet.Totals with
    {
        Changes = _flips.Sent,
        Deliveries = _deliveries.Count,
    };

    private Comparison Compare() =>
        new ViewComparer(_truth, _context.Target.FirstUser, user => _fleet.Sessions[user].IsUp)
            .Compare(_fleet.UpSessions.Select(static session => (session.UserId, session.View)));

    private FriendsReport Report(TimeSpan ramped, TimeSpan measured) => new()
    {
        Run = _context.Info,
        GivenUp = _context.GivenUp,
        Seed = _context.Target.Seed,
        Seconds = measured.TotalSeconds,
        LatencyMs = _context.Latencies.Summarize(),
        LatencyPercentiles = _context.Latencies.Percentiles(),
        Series = _context.Series,
        Connections = ConnectionFigures.Of([_fleet], ramped),
        WatchesEach = _options.Watches,
        Flips = FlipFigures.Of(_options.FlipsPerSecond, _flips.Measured, _truth),
        Deliveries = new DeliveryFigures(_flips.Measured.Expected, _deliveries.Count),
        Heartbeats = HeartbeatFigures.Of(_fleet.Heartbeats),
        States = Compare(),
    };
}
