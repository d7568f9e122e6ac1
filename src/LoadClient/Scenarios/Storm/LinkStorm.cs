using System.Globalization;
using Presence.LoadClient.Fleets;
using Presence.LoadClient.Links;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Reports.Parts;

namespace Presence.LoadClient.Scenarios.Storm;

/// <summary>
/// The gateway links of a storm. Nobody on them changes: whoever is told otherwise, the links themselves or the direct sessions that stay,
/// was told something wrong. And the server must say of each link that is back within the hold that it kept its set.
/// </summary>
internal sealed class LinkStorm
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly RunContext _context;
    private readonly StormOptions _options;
    private readonly LoadPlan _plan;
    private readonly WatcherCheck _check;
    private readonly int[] _resumedBefore;
    private TimeSpan _droppedAt;
    private long _notKept;
    private Verification? _verification;

    public LinkStorm(StormOptions options, RunContext context)
    {
        (_options, _context) = (options, context);
        RunTarget target = context.Target;
        ulong firstUser = target.FirstUser + (ulong)options.DirectUsers;
        var population = new Population(firstUser, options.Sessions, options.Links);
        var nothing = new ChangePlan(options.Sessions, storiesPerWave: 1, (ulong)target.Seed);
        var reads = new ReadPlan(population, least: 1, most: 1, (ulong)target.Seed);
        _plan = new LoadPlan(context.Loop, population, new ChangeFeed(nothing, population), reads, options.RampRate);
        Links = new LinkSet(_plan, target.Servers, target.Tokens, string.Create(CultureInfo.InvariantCulture, $"storm-{target.FirstUser}"));
        _resumedBefore = new int[options.Links];
        _check = new WatcherCheck(_plan, new Latencies());
        int watches = (int)Math.Min(options.Watches, options.Sessions);
        ulong[][] watched = WatchSlots.Draw(nothing, population, options.Sessions, options.Watchers, watches);
        Watchers = new Fleet(
            context.FleetPlan, firstUser + (ulong)options.Sessions, [.. watched.Select(static ids => new View(ids))], _check);
    }

    public LinkSet Links { get; }

    /// <summary>Direct sessions that stay.</summary>
    public Fleet Watchers { get; }

    /// <summary>All links are up: from here on they are told of every transition.</summary>
    public void WatchAll() => Arrival.WatchAll(_context, Links, _patience);

    /// <summary>All links are about to be lost.</summary>
    public void BeginStorm()
    {
        _droppedAt = _context.Loop.Now;
        foreach (LinkDriver driver in Links.Drivers)
        {
            _resumedBefore[driver.Number] = driver.Resumed;
        }
    }

    /// <summary>All links are back, or will not be.</summary>
    public LinkStormFigures EndStorm()
    {
        LinkDriver[] back = [.. Links.Drivers.Where(driver => driver.Changes.BackAt >= _droppedAt)];
        _notKept += back.Count(driver => !IsResumed(driver) && AwayFor(driver) < HoldOf(driver));
        return new LinkStormFigures(back.Select(AwayFor).DefaultIfEmpty().Max().TotalSeconds, back.Count(IsResumed));
    }

    /// <summary>At the end: a sample of all users must be as they were.</summary>
    public void Verify()
    {
        _context.Enter("verify");
        TimeSpan start = _context.Loop.Now;
        _verification = new Verification(Links, _options.Sample, SplitMix.Of((ulong)_context.Target.Seed, 3), start);
        _context.Loop.Schedule(_verification, start);
        _context.RunUntil(() => _verification.IsDone, start + _verification.Length + _patience);
    }

    public Comparison Compare() => _check.Compare(Watchers.Sessions);

    /// <summary>After <see cref="Verify"/>.</summary>
    public LinkStormReport Report() => new(
        _options.Sessions,
        Links.Drivers.Sum(static driver => driver.Taken),
        _notKept,
        LinkFigures.Of(Links),
        Compare(),
        StateFigures.Of(_plan.Judge, _verification!));

    private bool IsResumed(LinkDriver driver) => driver.Resumed > _resumedBefore[driver.Number];

    private TimeSpan AwayFor(LinkDriver driver) => driver.Changes.BackAt - _droppedAt;

    private static TimeSpan HoldOf(LinkDriver driver) => TimeSpan.FromMilliseconds(driver.Welcome?.HoldMs ?? 0);
}
