using Presence.LoadClient.Pacing;
using Presence.LoadClient.Reports.Parts;
using Presence.LoadClient.Series;

namespace Presence.LoadClient.Scenarios.Read;

/// <summary>
/// Readers ask about users who have a session, change now and then, or were never seen. Measures from the moment a question was meant to
/// be asked to its whole answer; every entry of every answer is held against the truth.
/// </summary>
internal sealed class ReadScenario
{
    /// <summary>How fast the users take their first status, which tells their versions.</summary>
    private const double SettingUpPerSecond = 2_000;

    private readonly ReadOptions _options;
    private readonly RunContext _context;
    private readonly KnownUsers _known;
    private readonly Readers _readers;
    private readonly int[] _nobody;

    public ReadScenario(ReadOptions options, RunContext context)
    {
        (_options, _context) = (options, context);
        _known = new KnownUsers(options, context);
        _readers = new Readers(options, context, _known);
        _nobody = new int[options.KnownUsers];
    }

    /// <summary>Runs all of it on the calling thread.</summary>
    public ReadReport Run()
    {
        _context.Observe(Totals);
        TimeSpan ramped = BringUp.Run(_context, [_known.Fleet, _readers.Fleet]);
        _context.Warn(FlipOrder.WarningOf(_options.FlipsPerSecond, _options.KnownUsers, _known.Fleet.Limits?.StatusChanges ?? "0"));
        _context.Enter("set up");
        SetUp();
        _context.Enter("measure");
        TimeSpan start = _context.Loop.Now, end = start + _context.Target.Duration;
        FlipPacer flips = Flip(_options.FlipsPerSecond, end);
        _readers.Start(end);
        _context.RunUntil(end);
        TimeSpan measured = _context.Loop.Now - start;
        _context.Enter("quiesce");
        Quiescence.Wait(
            _context, [_known.Fleet, _readers.Fleet], TimeSpan.Zero,
            () => _readers.Unanswered == 0 && _known.Truth.Unacked == 0, static () => true);
        _context.Sample();
        return Report(ramped, measured, flips);
    }

    // Everybody flips once: an Ack is what tells the version that an answer must have.
    private void SetUp()
    {
        TimeSpan end = _context.Loop.Now + TimeSpan.FromSeconds(_options.KnownUsers / SettingUpPerSecond);
        Flip(SettingUpPerSecond, end);
        _context.RunUntil(end);
        _context.RunUntil(() => _known.Truth.Unacked == 0, end + Quiescence.Patience);
    }

    private FlipPacer Flip(double perSecond, TimeSpan until)
    {
        var pacer = new FlipPacer(
            new OpenLoopPace(_context.Loop.Now, perSecond),
            new FlipOrder(_options.KnownUsers, _context.Random),
            _known.Fleet.Sessions,
            _nobody,
            _known.Truth,
            until);
        _context.Loop.Schedule(pacer, _context.Loop.Now);
        return pacer;
    }

    private RunTotals Totals() => _known.Fleet.Totals + _readers.Fleet.Totals with { Reads = _readers.Reads };

    private ReadReport Report(TimeSpan ramped, TimeSpan measured, FlipPacer flips) => new()
    {
        Run = _context.Info,
        GivenUp = _context.GivenUp,
        Seed = _context.Target.Seed,
        Seconds = measured.TotalSeconds,
        LatencyMs = _context.Latencies.Summarize(),
        LatencyPercentiles = _context.Latencies.Percentiles(),
        Series = _context.Series,
        Connections = ConnectionFigures.Of([_known.Fleet, _readers.Fleet], ramped),
        Reads = new ReadFigures(
            _options.ReadsPerSecond,
            _options.IdsPerQuery,
            _readers.Asked,
            _readers.Reads,
            _readers.Unanswered,
            _readers.Lost,
            _readers.Refused,
            _readers.Lateness.Summarize()),
        Flips = FlipFigures.Of(_options.FlipsPerSecond, flips, _known.Truth),
        Answers = new AnswerFigures(_readers.Check.Compared, _readers.Check.Wrong, _readers.Check.Missing, _readers.Check.First),
        Heartbeats = HeartbeatFigures.Of(_known.Fleet.Heartbeats, _readers.Fleet.Heartbeats),
    };
}
