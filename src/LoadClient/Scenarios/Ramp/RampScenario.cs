using System.Globalization;
using Presence.LoadClient.Fleets;
using Presence.LoadClient.Links;
using Presence.LoadClient.Machine;
using Presence.LoadClient.Measuring;

namespace Presence.LoadClient.Scenarios.Ramp;

/// <summary>
/// Users come up over gateway links, more than any generator could keep track of: what each does, and what it must be seen as, is computed.
/// Then they are held with heartbeats, changes and reads; every link is told of all changes, direct watchers measure how long that takes,
/// and at the end a sample of all is verified.
/// </summary>
internal sealed class RampScenario
{
    /// <summary>Two changes of one user are so far apart, or less where the run is short.</summary>
    private static readonly TimeSpan _longestStep = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _shortestStep = TimeSpan.FromSeconds(2);
    private const int StepsARun = 8;

    /// <summary>How much longer than it should anything may take before the run goes on without it.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly RampOptions _options;
    private readonly RunContext _context;
    private readonly LinkSet _links;
    private readonly LoadPlan _plan;
    private readonly Fleet _watchers;
    private readonly WatcherCheck _check;
    private IReadOnlyList<LinkRestart> _restarts = [];
    private Verification? _verification;

    public RampScenario(RampOptions options, RunContext context)
    {
        (_options, _context) = (options, context);
        RunTarget target = context.Target;
        var population = new Population(target.FirstUser, options.Sessions, options.Links);
        ulong seed = (ulong)target.Seed;
        long storiesPerWave = (long)(options.Changes * StepOf(target).TotalSeconds);
        var changes = new ChangePlan(options.Sessions, storiesPerWave, SplitMix.Of(seed, 1));
        var reads = new ReadPlan(population, options.IdsPerQuery.Least, options.IdsPerQuery.Most, SplitMix.Of(seed, 2));
        _plan = new LoadPlan(context.Loop, population, new ChangeFeed(changes, population), reads, options.RampRate);
        string name = string.Create(CultureInfo.InvariantCulture, $"load-{target.FirstUser}");
        _links = new LinkSet(_plan, target.Servers, target.Tokens, name);
        _check = new WatcherCheck(_plan, context.Latencies);
        long stories = changes.Begun((long)(options.Changes * target.Duration.TotalSeconds));
        ulong[][] watched = WatchSlots.Draw(changes, population, stories, options.Watchers, options.Watches);
        ulong firstWatcher = target.FirstUser + (ulong)options.Sessions;
        _watchers = new Fleet(context.FleetPlan, firstWatcher, [.. watched.Select(static ids => new View(ids))], _check);
    }

    /// <summary>Runs all of it on the calling thread.</summary>
    public RampReport Run()
    {
        long? rssAtStart = _context.ReadServer()?.RssBytes;
        _context.Observe(() => _links.Totals + _watchers.Totals with { Deliveries = _check.Deliveries });
        TimeSpan ramp = Ramp();
        TimeSpan watcherRamp = Settle();
        NodeUsage? before = _context.Node;
        TimeSpan hold = Hold();
        NodeUsage? after = _context.Node;
        Quiesce();
        Verify();
        _context.Sample();
        return new RampFigures(_options, _context, _links, _watchers, _check)
            .Report(new RampTimes(ramp, watcherRamp, hold, rssAtStart, before, after), _restarts, _verification!);
    }

    private static TimeSpan StepOf(RunTarget target)
    {
        TimeSpan step = target.Duration / StepsARun;
        return step > _longestStep ? _longestStep : step < _shortestStep ? _shortestStep : step;
    }

    private TimeSpan Ramp()
    {
        _context.DependOn(_links);
        _links.Open();
        _context.RunUntil(() => _links.IsConnected, _context.Loop.Now + _patience);
        _context.Enter("ramp");
        TimeSpan start = _context.Loop.Now;
        TimeSpan planned = TimeSpan.FromSeconds(_options.Sessions / _options.RampRate);
        _context.RunUntil(() => _links.HasSettled, start + (2 * planned) + _patience);
        return _context.Loop.Now - start;
    }

    // Taken is not yet visible: a server that is behind with the ramp still tells the links of it. The watchers come when it has done so.
    private TimeSpan Settle()
    {
        _context.Enter("settle");
        Arrival.WatchAll(_context, _links, _patience);
        KeepUp();
        TimeSpan start = _context.Loop.Now;
        _watchers.Open();
        _context.RunUntil(() => _watchers.HasSettled, start + _patience);
        TimeSpan took = _context.Loop.Now - start;
        KeepUp();
        return took;
    }

    // What was late when the ramp was over is not the hold's, and new users are not taken while those before are being stored.
    private void KeepUp()
    {
        TimeSpan end = _context.Loop.Now + _patience;
        IReadOnlyList<ulong> said;
        do
        {
            // A server says what it has taken within a second.
            said = _links.Said;
            _context.RunUntil(_context.Loop.Now + (2 * Arrival.SettleTime));
        }
        while (!_links.KeepsUp(said) && !_context.IsGivenUp && _context.Loop.Now < end);
    }

    private TimeSpan Hold()
    {
        _context.Enter("hold");
        TimeSpan start = _context.Loop.Now, end = start + _context.Target.Duration;
        _plan.Changes.Start(start, end, _options.Changes);
        foreach (LinkDriver driver in _links.Drivers)
        {
            driver.Reads.Start(start, end, _options.Reads);
        }

        if (_options.RestartLink)
        {
            PlanRestarts(start);
        }

        _context.RunUntil(end);
        return _context.Loop.Now - start;
    }

    // Away for a third of the hold, so that a slow machine does not make it longer than that; and back before a user changes twice, as the
    // first of two changes that are said at once need not be seen.
    private void PlanRestarts(TimeSpan start)
    {
        LinkDriver first = _links.Drivers[0], last = _links.Drivers[^1];
        TimeSpan duration = _context.Target.Duration;
        TimeSpan away = TimeSpan.FromMilliseconds((first.Welcome?.HoldMs ?? 0) / 3.0);
        TimeSpan most = StepOf(_context.Target) / 2;
        away = away < most ? away : most;
        _restarts = [new LinkRestart(first, away, forgets: false), new LinkRestart(last, away, forgets: true)];
        _context.Loop.Schedule(_restarts[0], start + (duration / 4));
        _context.Loop.Schedule(_restarts[1], start + (duration / 2));
    }

    private void Quiesce()
    {
        _context.Enter("quiesce");
        TimeSpan end = _context.Loop.Now + _patience;
        _context.RunUntil(() => _links.IsAtRest, end);
        Quiescence.Wait(_context, [_watchers], TimeSpan.Zero, () => true, () => _check.Compare(_watchers.Sessions).Wrong == 0);
        long changes = _plan.Changes.Taken;
        TimeSpan told = _context.Loop.Now + Quiescence.Patience;
        _context.RunUntil(() => _links.Drivers.All(driver => !driver.Witness.IsWhole || driver.Witness.Told >= changes), told);
    }

    private void Verify()
    {
        _context.Enter("verify");
        TimeSpan start = _context.Loop.Now;
        _verification = new Verification(_links, _options.Sample, SplitMix.Of((ulong)_context.Target.Seed, 3), start);
        _context.Loop.Schedule(_verification, start);
        _context.RunUntil(() => _verification.IsDone, start + _verification.Length + _patience);
    }
}
