using Presence.LoadClient.Fleets;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Pacing;
using Presence.LoadClient.Reports.Parts;

namespace Presence.LoadClient.Scenarios.Nodes;

/// <summary>
/// Users of a cluster watch each other and flip, while whoever runs this lets nodes fail and come back. Who is lost comes back by the reconnect rules and must have been seen to go by nobody; some stay away, and must be seen to.
/// </summary>
internal sealed class NodesScenario
{
    /// <summary>For whoever is asked to let nodes fail.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromHours(1);

    private readonly NodesOptions _options;
    private readonly RunContext _context;
    private readonly Comebacks _comebacks;
    private readonly NodesFleet _users;

    public NodesScenario(NodesOptions options, RunContext context)
    {
        (_options, _context) = (options, context);
        _comebacks = new Comebacks(options.Connections, options.Leavers, context.Target.FirstUser);
        _users = new NodesFleet(options, context, _comebacks);
    }

    private Fleet Fleet => _users.Fleet;

    /// <summary>Runs all of it on the calling thread.</summary>
    public NodesReport Run()
    {
        _context.Observe(() => Fleet.Totals with { Changes = _users.Flips.Sent, Deliveries = _users.Deliveries });
        TimeSpan ramped = BringUp.Run(_context, [Fleet]);
        _context.Warn(FlipOrder.WarningOf(_options.FlipsPerSecond, _options.Connections, Fleet.Limits?.StatusChanges ?? "0"));
        _comebacks.Hold = Fleet.Hold;
        TimeSpan start = _context.Loop.Now;
        _context.Enter("load");
        _users.Begin();
        Load();
        _users.End();
        TimeSpan measured = _context.Loop.Now - start;
        _context.Enter("quiesce");
        // Who left with a node that fell silent goes d + 4δ after its last word, and h after its slot is over who was told one.
        TimeSpan longest = Fleet.Interval + (4 * _options.Tolerance) + Fleet.Hold + FlipOrder.LongestDelay(Fleet.Limits?.StatusChanges);
        Quiescence.Wait(_context, [Fleet], longest, () => _users.Truth.Unacked == 0, () => Compare().Wrong == 0 && Leavers().StillShown == 0);
        _context.Sample();
        return Report(ramped, measured);
    }

    private void Load()
    {
        if (!_options.UntilTold)
        {
            _context.RunUntil(_context.Loop.Now + _context.Target.Duration);
            return;
        }

        _context.Ask("let nodes fail and come back, then press Enter");
        Task told = Task.Run(Console.In.ReadLine);
        _context.RunUntil(() => told.IsCompleted, _context.Loop.Now + _patience);
        _context.Ask(null);
    }

    // Of those who left nothing is claimed here. A user whose home has failed may be said again, as it is, by the next, above the version that was acked.
    private Comparison Compare() =>
        new ViewComparer(_users.Truth, _context.Target.FirstUser, user => Fleet.Sessions[user].IsUp, mayBeSaidAgain: true)
            .Compare(Fleet.UpSessions.Select(static session => (session.UserId, session.View)));

    private LeaverViews Leavers() => LeaverViews.Of(Fleet.UpSessions, user => _comebacks.HasLeft((int)(user - _context.Target.FirstUser)));

    private NodesReport Report(TimeSpan ramped, TimeSpan measured)
    {
        (long views, long stillShown) = Leavers();
        return new NodesReport
        {
            Run = _context.Info,
            GivenUp = _context.GivenUp,
            Seed = _context.Target.Seed,
            Seconds = measured.TotalSeconds,
            LatencyMs = _context.Latencies.Summarize(),
            LatencyPercentiles = _context.Latencies.Percentiles(),
            Series = _context.Series,
            // Who stays away is not asked to be up.
            Connections = ConnectionFigures.Of([Fleet], ramped) with { Asked = _options.Connections - _comebacks.Left },
            WatchesEach = _options.Watches,
            HoldSeconds = Fleet.Hold.TotalSeconds,
            Flips = FlipFigures.Of(_options.FlipsPerSecond, _users.Flips, _users.Truth),
            Comebacks = ComebackFigures.Of(_comebacks, _users.Unknown),
            Leavers = new(_comebacks.Left, views, stillShown, _comebacks.GoneTooEarly, _comebacks.GoneAfter.Summarize()),
            Heartbeats = HeartbeatFigures.Of(Fleet.Heartbeats),
            States = Compare(),
        };
    }
}
