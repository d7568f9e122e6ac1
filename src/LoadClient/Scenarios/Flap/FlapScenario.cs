using Presence.LoadClient.Connections;
using Presence.LoadClient.Fleets;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Reports.Parts;
using Presence.LoadClient.Series;
using Presence.V1;

namespace Presence.LoadClient.Scenarios.Flap;

/// <summary>
/// Users lose their connection, by a reset or the end of the stream, and are back with their resume token within the hold: no watcher may
/// be told that they are offline. Those that stay away for longer must be seen to go once, and to come once.
/// </summary>
internal sealed class FlapScenario : IFleetEvents
{
    private readonly FlapOptions _options;
    private readonly RunContext _context;
    private readonly Absences _absences;
    private readonly Bouncers _bouncers;
    private readonly View[] _views;
    private readonly Fleet _watchers;
    private readonly Sightings _sightings;
    private readonly Latencies _offlineAfterHold = new();
    private readonly Truth _truth;
    private long _deliveries;

    public FlapScenario(FlapOptions options, RunContext context)
    {
        (_options, _context) = (options, context);
        ulong firstUser = context.Target.FirstUser;
        _absences = new Absences(options.Bouncers, firstUser);
        _bouncers = new Bouncers(options, context, _absences);
        _views = WatchGraph.DrawOutside(options.Watchers, options.Bouncers, options.Watches, firstUser, context.Random);
        _watchers = new Fleet(context.FleetPlan, firstUser + (ulong)options.Bouncers, _views, this);
        _sightings = new Sightings(_views);
        _truth = new Truth(options.Bouncers);
    }

    /// <summary>Runs all of it on the calling thread.</summary>
    public FlapReport Run()
    {
        _context.Observe(Totals);
        TimeSpan ramped = BringUp.Run(_context, [_bouncers.Fleet, _watchers]);
        _absences.Hold = _bouncers.Fleet.Hold;
        _context.Enter("measure");
        TimeSpan start = _context.Loop.Now;
        _bouncers.Start(start + _context.Target.Duration);
        _context.RunUntil(start + _context.Target.Duration);
        TimeSpan measured = _context.Loop.Now - start;
        _context.Enter("quiesce");
        Quiescence.Wait(_context, [_bouncers.Fleet, _watchers], _bouncers.LongestAbsence, static () => true, IsRight);
        _context.Sample();
        return Report(ramped, measured);
    }

    public void OnEntry(Session session, in SeenEntry entry, bool isNews)
    {
        // Before the first bounce there is nothing to see but the snapshot, in which all are online.
        if (!isNews || _absences.Hold == TimeSpan.Zero)
        {
            return;
        }

        int user = (int)(entry.UserId - _context.Target.FirstUser);
        _deliveries++;
        _sightings.Add(session.Index, entry.UserId, entry.Status);
        if (entry.Status == Status.Offline && _absences.SeenOffline(session.UserId, user, _context.Loop.Now))
        {
            _offlineAfterHold.Add(_context.Loop.Now - _absences.HeldUntil(user));
        }
    }

    private RunTotals Totals() => _bouncers.Fleet.Totals + _watchers.Totals with
    {
        Changes = _bouncers.Short + _bouncers.Long,
        Deliveries = _deliveries,
    };

    private bool IsRight() => Compare().Wrong == 0 && CompareSightings().Wrong == 0;

    private Comparison Compare() =>
        new ViewComparer(_truth, _context.Target.FirstUser, user => _bouncers.Fleet.Sessions[user].IsUp)
            .Compare(_watchers.UpSessions.Select(static session => (session.UserId, session.View)));

    private (long Compared, long Wrong) CompareSightings() =>
        _sightings.Compare(user => _absences.SeenToGo((int)(user - _context.Target.FirstUser)));

    private FlapReport Report(TimeSpan ramped, TimeSpan measured)
    {
        (long compared, long wrong) = CompareSightings();
        return new FlapReport
        {
            Run = _context.Info,
            GivenUp = _context.GivenUp,
            Seed = _context.Target.Seed,
            Seconds = measured.TotalSeconds,
            LatencyMs = _context.Latencies.Summarize(),
            LatencyPercentiles = _context.Latencies.Percentiles(),
            Series = _context.Series,
            Connections = ConnectionFigures.Of([_bouncers.Fleet, _watchers], ramped),
            HoldSeconds = _absences.Hold.TotalSeconds,
            Bounces = new BounceFigures(
                _options.BouncesPerSecond, _bouncers.Short, _bouncers.Long, _bouncers.Skipped, _bouncers.HeldTooLong),
            Absences = AbsenceFigures.Of(_absences),
            OfflineAfterHoldMs = _offlineAfterHold.Summarize(),
            Sightings = new SightingFigures(compared, wrong),
            Heartbeats = HeartbeatFigures.Of(_bouncers.Fleet.Heartbeats, _watchers.Heartbeats),
            States = Compare(),
        };
    }
}
