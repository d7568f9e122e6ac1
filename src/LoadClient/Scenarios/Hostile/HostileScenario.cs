using Presence.LoadClient.Attacks;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Pacing;
using Presence.LoadClient.Reports.Parts;
using Presence.LoadClient.Scenarios.Friends;

namespace Presence.LoadClient.Scenarios.Hostile;

/// <summary>
/// Users who watch each other are measured alone, and then beside attackers of every kind. They must notice nothing: none is lost, none
/// refused, and every view is the truth in the end. The attackers must be ended, those that a server has to end.
/// </summary>
internal sealed class HostileScenario : IDisposable
{
    private readonly HostileOptions _options;
    private readonly RunContext _context;
    private readonly FriendsLoad _friends;
    private readonly Crowd _crowd;

    public HostileScenario(HostileOptions options, RunContext context)
    {
        (_options, _context) = (options, context);
        _friends = new FriendsLoad(options.Friends, context);
        RunTarget target = context.Target;
        ulong[] victims = [.. Enumerable.Range(0, Math.Min(options.Friends.Connections, AttackPlan.MostVictims)).Select(n => target.FirstUser + (ulong)n)];
        var plan = new AttackPlan(context.Loop.Sibling(), target.Servers, options.WebSocket, target.Tokens, new Random(target.Seed), victims);
        _crowd = new Crowd(plan, options.Kinds, options.Attackers, target.FirstUser + (ulong)options.Friends.Connections);
    }

    public void Dispose() => _crowd.Dispose();

    /// <summary>Runs all of it on the calling thread, but for the attackers.</summary>
    public HostileReport Run()
    {
        _context.Observe(() => _friends.Totals);
        TimeSpan ramped = _friends.ComeUp();
        TimeSpan calm = _friends.Measure(HostileReport.CalmPhase, _options.Calm);
        FlipPacer calmFlips = _friends.Flips;
        LatencySummary calmLatency = _context.Latencies.Take();
        _crowd.Start();
        TimeSpan attacked = _friends.Measure(HostileReport.AttackPhase, _context.Target.Duration);
        // Before the rest: what an attacker may still do is no load any more.
        _crowd.Stop();
        _friends.Quiesce();
        return new HostileReport
        {
            Run = _context.Info,
            GivenUp = _context.GivenUp,
            Seed = _context.Target.Seed,
            Seconds = attacked.TotalSeconds,
            LatencyMs = _context.Latencies.Summarize(),
            LatencyPercentiles = _context.Latencies.Percentiles(),
            Series = _context.Series,
            Connections = ConnectionFigures.Of([_friends.Fleet], ramped),
            WatchesEach = _options.Friends.Watches,
            CalmSeconds = calm.TotalSeconds,
            CalmFlips = FlipFigures.Of(_options.Friends.FlipsPerSecond, calmFlips, _friends.Truth),
            CalmLatencyMs = calmLatency,
            Flips = FlipFigures.Of(_options.Friends.FlipsPerSecond, _friends.Flips, _friends.Truth),
            Memory = MemoryFigures.Of([.. _context.Series.Where(static sample => sample.Phase == HostileReport.AttackPhase)]),
            Attacks = [.. _crowd.Counts.Select(kind => AttackFigures.Of(kind.Key, kind.Value, _options.Patience))],
            Attackers = _crowd.Attackers,
            Heartbeats = HeartbeatFigures.Of(_friends.Fleet.Heartbeats),
            States = _friends.Compare(),
        };
    }
}
