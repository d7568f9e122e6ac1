using Presence.LoadClient.Fleets;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Reports.Parts;

namespace Presence.LoadClient.Scenarios.Restart;

/// <summary>
/// Users watch each other and change their status; whoever runs this kills the server and starts it again when asked to. All come back
/// and must have been seen to go by nobody; from the last time some do not, and must be seen to go at their time.
/// </summary>
internal sealed class RestartScenario
{
    /// <summary>For whoever is asked to kill the server.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <summary>When nobody was lost for so long, all that are to be lost were.</summary>
    private static readonly TimeSpan _lossTime = TimeSpan.FromSeconds(1);

    private readonly RestartOptions _options;
    private readonly RunContext _context;
    private readonly Truth _truth;
    private readonly RestartJudge _judge;
    private readonly RestartFleet _users;
    private readonly Flipping _flipping;
    private readonly List<RestartFigures> _restarts = [];

    public RestartScenario(RestartOptions options, RunContext context)
    {
        (_options, _context) = (options, context);
        _truth = new Truth(options.Connections);
        _judge = new RestartJudge(_truth, options.Connections, options.Leavers);
        _users = new RestartFleet(options, context, _judge, _truth);
        _flipping = new Flipping(options, context, _users, _truth, _judge);
    }

    private Fleet Fleet => _users.Fleet;

    /// <summary>Runs all of it on the calling thread.</summary>
    public RestartReport Run()
    {
        _context.Observe(() => Fleet.Totals with { Changes = _flipping.Sent, Deliveries = _users.Deliveries });
        TimeSpan ramped = BringUp.Run(_context, [Fleet]);
        _judge.RecoversFor = Fleet.Interval + (4 * _options.Tolerance);
        TimeSpan start = _context.Loop.Now, between = _context.Target.Duration / _options.Restarts;
        bool wasLost = true;
        for (int n = 1; n <= _options.Restarts && wasLost; n++)
        {
            _users.Forget();
            _context.Enter("load");
            _flipping.Start();
            _context.RunUntil(_context.Loop.Now + between);
            wasLost = Restart(n);
        }

        _context.Enter("recovering");
        _context.RunUntil((_judge.BackAt ?? start) + _judge.RecoversFor + RestartJudge.LateBy);
        TimeSpan measured = _context.Loop.Now - start;
        _context.Enter("quiesce");
        Quiescence.Wait(_context, [Fleet], TimeSpan.Zero, () => _truth.Unacked == 0, () => Compare().Wrong == 0 && Leavers().StillShown == 0);
        _context.Sample();
        return Report(ramped, measured);
    }

    private bool Restart(int number)
    {
        _context.Enter("restart");
        _users.IsLast = number == _options.Restarts;
        _context.Ask($"kill the server and start it again ({number} of {_options.Restarts})");
        _context.RunUntil(() => _judge.LostAt is not null, _context.Loop.Now + _patience);
        _context.Ask(null);
        if (_judge.LostAt is not { } lost)
        {
            return false;
        }

        _context.RunUntil(() => Fleet.HasSettled && _context.Loop.Now - _users.LastLostAt >= _lossTime, lost + _patience);
        TimeSpan settled = _context.Loop.Now;
        _restarts.Add(new RestartFigures(
            _users.Lost,
            ((_judge.BackAt ?? settled) - lost).TotalSeconds,
            (settled - lost).TotalSeconds,
            _users.BackWithinHold,
            Fleet.HasSettled));
        return true;
    }

    // Of those who stay away nothing is claimed here; of those who come back, that they are as they said.
    private Comparison Compare() =>
        new ViewComparer(_truth, _context.Target.FirstUser, user => Fleet.Sessions[user].IsUp)
            .Compare(Fleet.UpSessions.Select(static session => (session.UserId, session.View)));

    private LeaverViews Leavers() => LeaverViews.Of(Fleet.UpSessions, user => _judge.IsLeaver((int)(user - _context.Target.FirstUser)));

    private RestartReport Report(TimeSpan ramped, TimeSpan measured)
    {
        (long leaverViews, long stillShown) = Leavers();
        return new RestartReport
        {
            Run = _context.Info,
            GivenUp = _context.GivenUp,
            Seed = _context.Target.Seed,
            Seconds = measured.TotalSeconds,
            LatencyMs = _context.Latencies.Summarize(),
            LatencyPercentiles = _context.Latencies.Percentiles(),
            Series = _context.Series,
            // Who stays away is not asked to be up.
            Connections = ConnectionFigures.Of([Fleet], ramped) with { Asked = _options.Connections - _options.Leavers },
            WatchesEach = _options.Watches,
            HoldSeconds = Fleet.Hold.TotalSeconds,
            RecoversForSeconds = _judge.RecoversFor.TotalSeconds,
            AskedRestarts = _options.Restarts,
            Restarts = _restarts,
            Flips = _flipping.Sent,
            Seen = SeenFigures.Of(_judge),
            Leavers = LeaverFigures.Of(_judge, _options.Leavers, leaverViews, stillShown),
            Heartbeats = HeartbeatFigures.Of(Fleet.Heartbeats),
            States = Compare(),
        };
    }
}
