using Presence.LoadClient.Connections;
using Presence.LoadClient.Fleets;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Pacing;
using Presence.LoadClient.Reports.Parts;
using Presence.LoadClient.Series;

namespace Presence.LoadClient.Scenarios.Celebrity;

/// <summary>
/// One user watched by N connections flips now and then. Measures each delivery, and the time until the last watcher knows; at the end
/// all must see the truth.
/// </summary>
internal sealed class CelebrityScenario : IFleetEvents
{
    private readonly CelebrityOptions _options;
    private readonly RunContext _context;
    private readonly Star _star;
    private readonly Fleet _stars;
    private readonly Fleet _watchers;
    private readonly FlipRun _flips;
    private readonly Latencies _lastWatcher = new();
    private TimeSpan _measuredFrom = TimeSpan.MaxValue;
    private long _deliveries;

    public CelebrityScenario(CelebrityOptions options, RunContext context)
    {
        (_options, _context) = (options, context);
        ulong star = context.Target.FirstUser;
        _star = new Star();
        _stars = new Fleet(context.FleetPlan, star, [View.None], _star);
        ulong[] watched = [star];
        _watchers = new Fleet(
            context.FleetPlan, star + 1, [.. Enumerable.Range(0, options.Connections).Select(_ => new View(watched))], this);
        _flips = new FlipRun(
            context, options.FlipsPerSecond, _stars.Sessions, [options.Connections], _star.Truth,
            (_, request, intended) => _star.Flips.Sent(request, _star.Truth.StatusOf(0), intended, _watchers.Up));
    }

    /// <summary>Runs all of it on the calling thread.</summary>
    public CelebrityReport Run()
    {
        _context.Observe(Totals);
        TimeSpan ramped = BringUp.Run(_context, [_stars, _watchers]);
        string? limit = _stars.Limits?.StatusChanges;
        _context.Warn(FlipOrder.WarningOf(_options.FlipsPerSecond, users: 1, limit ?? "0"));
        _flips.WarmUp();
        _measuredFrom = _context.Loop.Now;
        TimeSpan measured = _flips.Measure();
        _context.Enter("quiesce");
        Quiescence.Wait(
            _context, [_stars, _watchers], FlipOrder.LongestDelay(limit), () => _star.Truth.Unacked == 0, () => Compare().Wrong == 0);
        _context.Sample();
        return Report(ramped, measured);
    }

    public void OnEntry(Session session, in SeenEntry entry, bool isNews)
    {
        if (!isNews || !_star.Flips.TryDeliver(entry.Version, entry.Status, out TimeSpan intended, out bool isLast)
            || intended < _measuredFrom)
        {
            return;
        }

        TimeSpan latency = _context.Loop.Now - intended;
        _deliveries++;
        _context.Latencies.Add(latency);
        if (isLast)
        {
            _lastWatcher.Add(latency);
        }
    }

    private RunTotals Totals() => _stars.Totals + _watchers.Totals with { Changes = _flips.Sent, Deliveries = _deliveries };

    private Comparison Compare() =>
        new ViewComparer(_star.Truth, _context.Target.FirstUser, _ => _stars.Up == 1)
            .Compare(_watchers.UpSessions.Select(static session => (session.UserId, session.View)));

    private CelebrityReport Report(TimeSpan ramped, TimeSpan measured) => new()
    {
        Run = _context.Info,
        GivenUp = _context.GivenUp,
        Seed = _context.Target.Seed,
        Seconds = measured.TotalSeconds,
        LatencyMs = _context.Latencies.Summarize(),
        LatencyPercentiles = _context.Latencies.Percentiles(),
        Series = _context.Series,
        Connections = ConnectionFigures.Of([_stars, _watchers], ramped),
        Flips = FlipFigures.Of(_options.FlipsPerSecond, _flips.Measured, _star.Truth),
        Deliveries = new DeliveryFigures(_flips.Measured.Expected, _deliveries),
        LastWatcherMs = _lastWatcher.Summarize(),
        Heartbeats = HeartbeatFigures.Of(_stars.Heartbeats, _watchers.Heartbeats),
        States = Compare(),
    };
}
