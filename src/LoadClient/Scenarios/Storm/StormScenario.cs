using Presence.LoadClient.Fleets;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Reports.Parts;
using Presence.LoadClient.Series;

namespace Presence.LoadClient.Scenarios.Storm;

/// <summary>
/// All connections are lost at once and come back at once, or when the server tells them to. Measures how long each is away and when all
/// are back; nobody may be seen offline before its hold is over, and in the end all must be seen online.
/// </summary>
internal sealed class StormScenario
{
    /// <summary>The longest slot that a server gives, and a while to come up then.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(6);

    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(250);

    private readonly StormOptions _options;
    private readonly RunContext _context;
    private readonly Absences _absences;
    private readonly StormFleet _dropped;
    private readonly StormWatchers _watchers;
    // All that loses its connections; those that watch stay.
    private readonly IReadOnlyList<IGenerator> _generators;
    private readonly LinkStorm? _links;
    private readonly Truth _truth;
    private readonly List<StormFigures> _storms = [];

    public StormScenario(StormOptions options, RunContext context)
    {
        (_options, _context) = (options, context);
        _absences = new Absences(options.Connections, context.Target.FirstUser);
        _dropped = new StormFleet(options, context, _absences);
        _watchers = new StormWatchers(options, context, _absences);
        _links = options.Sessions > 0 ? new LinkStorm(options, context) : null;
        _generators = [_dropped.Fleet, .. _links is { } links ? [links.Links] : Array.Empty<IGenerator>()];
        _truth = new Truth(options.Connections);
    }

    /// <summary>Runs all of it on the calling thread.</summary>
    public StormReport Run()
    {
        _context.Observe(Totals);
        if (_links is { } links)
        {
            _context.DependOn(links.Links);
        }

        TimeSpan ramped = BringUp.Run(_context, _generators);
        _links?.WatchAll();
        ramped += BringUp.Run(_context, Watching);
        _absences.Hold = _dropped.Fleet.Hold;
        TimeSpan start = _context.Loop.Now, between = _context.Target.Duration / _options.Storms;
        for (int n = 0; n < _options.Storms && !_context.IsGivenUp; n++)
        {
            // A quiet quarter before each: what there is to see of a storm is its difference.
            _context.Enter("quiet");
            _context.RunUntil(start + (between * (n + 0.25)));
            _storms.Add(Storm());
        }

        _context.Enter("quiet");
        _context.RunUntil(start + _context.Target.Duration);
        TimeSpan measured = _context.Loop.Now - start;
        _context.Enter("quiesce");
        Quiescence.Wait(
            _context,
            [_dropped.Fleet, .. Watching],
            TimeSpan.Zero,
            static () => true,
            () => Compare().Wrong == 0 && (_links?.Compare().Wrong ?? 0) == 0);
        _links?.Verify();
        _context.Sample();
        return Report(ramped, measured);
    }

    private StormFigures Storm()
    {
        _context.Enter("storm");
        _dropped.BeginStorm();
        _links?.BeginStorm();
        TimeSpan start = _context.Loop.Now;
        long lost = _dropped.Fleet.DropAll();
        _links?.Links.DropAll();
        // A sample while they are away: a server that is quick has them back before the next one is due.
        _context.RunUntil(HaveSettled, start + _look);
        _context.Sample();
        _context.RunUntil(() => _dropped.Fleet.HasSettled, start + _patience);
        TimeSpan took = _context.Loop.Now - start;
        _context.RunUntil(HaveSettled, start + _patience);
        return new StormFigures(lost, took.TotalSeconds, lost / took.TotalSeconds, HaveSettled(), _links?.EndStorm());
    }

    // They stay.
    private IReadOnlyList<Fleet> Watching => _links is { } links ? [_watchers.Fleet, links.Watchers] : [_watchers.Fleet];

    private bool HaveSettled() => _generators.All(static generator => generator.HasSettled);

    private RunTotals Totals() => _generators
        .Concat(Watching)
        .Aggregate(new RunTotals { Deliveries = _watchers.Deliveries }, static (sum, generator) => sum + generator.Totals);

    private Comparison Compare() =>
        new ViewComparer(_truth, _context.Target.FirstUser, user => _dropped.Fleet.Sessions[user].IsUp)
            .Compare(_dropped.Fleet.UpSessions.Concat(_watchers.Fleet.UpSessions).Select(static session => (session.UserId, session.View)));

    private StormReport Report(TimeSpan ramped, TimeSpan measured) => new()
    {
        Run = _context.Info,
        GivenUp = _context.GivenUp,
        Seed = _context.Target.Seed,
        Seconds = measured.TotalSeconds,
        LatencyMs = _context.Latencies.Summarize(),
        LatencyPercentiles = _context.Latencies.Percentiles(),
        Series = _context.Series,
        Connections = ConnectionFigures.Of([_dropped.Fleet, .. Watching], ramped),
        WatchesEach = _options.Watches,
        HoldSeconds = _absences.Hold.TotalSeconds,
        Storms = _storms,
        Absences = AbsenceFigures.Of(_absences),
        Heartbeats = HeartbeatFigures.Of(Watching.Append(_dropped.Fleet).Select(static fleet => fleet.Heartbeats)),
        States = Compare(),
        Links = _links?.Report(),
    };
}
