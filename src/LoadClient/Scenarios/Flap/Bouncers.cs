using Presence.LoadClient.Connections;
using Presence.LoadClient.Fleets;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Pacing;
using Presence.V1;

namespace Presence.LoadClient.Scenarios.Flap;

/// <summary>The users that lose their connection, one after another at a steady rate, and come back.</summary>
internal sealed class Bouncers : IFleetEvents, IDeadline
{
    /// <summary>The longest short absence, as a share of the hold: the rest is for the handshake.</summary>
    private const double LongestShortShare = 0.8;

    /// <summary>How much longer than the hold a long absence is at least, for watchers to be told in between.</summary>
    private static readonly TimeSpan _beyondHold = TimeSpan.FromSeconds(2);

    private readonly RunContext _context;
    private readonly FlapOptions _options;
    private readonly Absences _absences;
    private readonly FlipOrder _order;
    // When each was meant to open again; zero: it is up.
    private readonly TimeSpan[] _returns;
    private readonly bool[] _isLong;
    private OpenLoopPace _pace = new(TimeSpan.Zero, 0);
    private TimeSpan _until;

    /// <param name="absences">Judges their coming back.</param>
    public Bouncers(FlapOptions options, RunContext context, Absences absences)
    {
        (_options, _context, _absences) = (options, context, absences);
        _order = new FlipOrder(options.Bouncers, context.Random);
        _returns = new TimeSpan[options.Bouncers];
        _isLong = new bool[options.Bouncers];
        Fleet = new Fleet(context.FleetPlan, context.Target.FirstUser, [.. Enumerable.Repeat(View.None, options.Bouncers)], this);
    }

    public Fleet Fleet { get; }

    public long Short { get; private set; }

    public long Long { get; private set; }

    /// <summary>Not bounced, because the user was still away.</summary>
    public long Skipped { get; private set; }

    /// <summary>Long absences of which the server says that nobody saw them.</summary>
    public long HeldTooLong { get; private set; }

    /// <summary>Nobody is away any more.</summary>
    public bool AreAllBack => Fleet.HasSettled;

    /// <summary>The longest absence that can be under way.</summary>
    public TimeSpan LongestAbsence => (_absences.Hold * (1 + LongestShortShare)) + _beyondHold;

    /// <summary>Bounces until a time.</summary>
    public void Start(TimeSpan until)
    {
        _until = until;
        _pace = new OpenLoopPace(_context.Loop.Now, _options.BouncesPerSecond);
        _context.Loop.Schedule(this, _context.Loop.Now);
    }

    public TimeSpan? OnDue(TimeSpan now)
    {
        while (_pace.TryTake(now < _until ? now : _until, out _))
        {
            Bounce(_order.Next(), now);
        }

        return now < _until ? _pace.Next : null;
    }

    public void OnWelcome(Session session, Welcome welcome, bool isReturn)
    {
        if (!isReturn)
        {
            return;
        }

        _absences.Returned(session.Index, welcome.Resumed, _context.Loop.Now);
        HeldTooLong += _isLong[session.Index] && welcome.Resumed ? 1 : 0;
        if (_returns[session.Index] is { Ticks: > 0 } meant)
        {
            _context.Latencies.Add(_context.Loop.Now - meant);
            _returns[session.Index] = TimeSpan.Zero;
        }
    }

    public void OnLost(Session session)
    {
        _isLong[session.Index] = false;
        _absences.Lost(session.Index, _context.Loop.Now);
    }

    public void OnPaced(Session session, TimeSpan at) => _absences.Paced(session.Index, at);

    private void Bounce(int user, TimeSpan now)
    {
        Session session = Fleet.Sessions[user];
        if (!session.IsUp)
        {
            Skipped++;
            return;
        }

        _isLong[user] = _context.Random.NextDouble() < _options.LongShare;
        // Every other way a connection can end without a word.
        Fleet.Drop(session, reset: (Short + Long) % 2 == 0);
        (Short, Long) = _isLong[user] ? (Short, Long + 1) : (Short + 1, Long);
        _absences.Lost(user, now);
        TimeSpan away = LongestShortShare * _absences.Hold * _context.Random.NextDouble();
        _returns[user] = now + (_isLong[user] ? _absences.Hold + _beyondHold + away : away);
        session.OpenAt(_returns[user]);
    }
}
