using Presence.LoadClient.Connections;
using Presence.LoadClient.Fleets;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Pacing;
using Presence.V1;

namespace Presence.LoadClient.Scenarios.Nodes;

/// <summary>The users of a cluster: they watch each other, flip while they are up, and come back when their node fails.</summary>
internal sealed class NodesFleet : IFleetEvents, IDeadline
{
    private readonly NodesOptions _options;
    private readonly RunContext _context;
    private readonly Comebacks _comebacks;
    private readonly int[] _watchers;
    // When each was lost; zero: it is up.
    private readonly TimeSpan[] _lost;
    private bool _isOver;

    public NodesFleet(NodesOptions options, RunContext context, Comebacks comebacks)
    {
        (_options, _context, _comebacks) = (options, context, comebacks);
        ulong firstUser = context.Target.FirstUser;
        _lost = new TimeSpan[options.Connections];
        ulong[][] graph = WatchGraph.Draw(options.Connections, options.Watches, firstUser, context.Random);
        _watchers = WatchGraph.CountWatchers(graph, firstUser);
        Fleet = new Fleet(context.FleetPlan, firstUser, [.. graph.Select(static watched => new View(watched))], this);
        Truth = new Truth(options.Connections);
        Flips = PacerFrom(TimeSpan.Zero, perSecond: 0);
    }

    public Fleet Fleet { get; }

    public Truth Truth { get; }

    public FlipPacer Flips { get; private set; }

    /// <summary>Changes they were told of.</summary>
    public long Deliveries { get; private set; }

    /// <summary>Times that somebody was told as UNKNOWN, as it may be while nodes do not know each other.</summary>
    public long Unknown { get; private set; }

    /// <summary>All who are up flip from now on, at the rate that was asked for.</summary>
    public void Begin()
    {
        Flips = PacerFrom(_context.Loop.Now, _options.FlipsPerSecond);
        _context.Loop.Schedule(this, _context.Loop.Now);
    }

    /// <summary>Nobody flips any more.</summary>
    public void End() => _isOver = true;

    public TimeSpan? OnDue(TimeSpan now) => _isOver ? null : Flips.OnDue(now);

    public void OnWelcome(Session session, Welcome welcome, bool isReturn)
    {
        if (isReturn)
        {
            _comebacks.Returned(session.Index, _context.Loop.Now);
            Truth.Returned(session.Index);
        }
    }

    public void OnUp(Session session)
    {
        if (_lost[session.Index] is { Ticks: > 0 } lost)
        {
            _context.Latencies.Add(_context.Loop.Now - lost);
            _lost[session.Index] = TimeSpan.Zero;
        }
    }

    public void OnLost(Session session)
    {
        _lost[session.Index] = _context.Loop.Now;
        _comebacks.Lost(session.Index, _context.Loop.Now);
        Truth.Forget(session.Index);
    }

    public bool StaysAway(Session session) => _comebacks.HasLeft(session.Index);

    public void OnPaced(Session session, TimeSpan at) => _comebacks.Paced(session.Index, at);

    public void OnEntry(Session session, in SeenEntry entry, bool isNews)
    {
        Deliveries += isNews && session.IsUp ? 1 : 0;
        Unknown += entry.Status == Status.Unknown ? 1 : 0;
        if (isNews && entry.Status == Status.Offline)
        {
            _comebacks.SeenOffline(session.UserId, (int)(entry.UserId - _context.Target.FirstUser), _context.Loop.Now);
        }
    }

    public void OnAck(Session session, ulong requestId, ulong version) => Truth.Acked(session.Index, version);

    // The only requests of a session that is up are its flips.
    public void OnRefused(Session session, ulong requestId) => Truth.Refused(session.Index);

    private FlipPacer PacerFrom(TimeSpan start, double perSecond) => new(
        new OpenLoopPace(start, perSecond), new FlipOrder(_options.Connections, _context.Random), Fleet.Sessions, _watchers, Truth, TimeSpan.MaxValue);
}
