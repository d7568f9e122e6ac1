using Presence.LoadClient.Connections;
using Presence.LoadClient.Fleets;
using Presence.LoadClient.Measuring;
using Presence.V1;

namespace Presence.LoadClient.Scenarios.Restart;

/// <summary>The users of a restart: when each was lost and was back, and what it is told meanwhile.</summary>
internal sealed class RestartFleet : IFleetEvents
{
    private readonly RunContext _context;
    private readonly RestartJudge _judge;
    private readonly Truth _truth;
    // When each was lost; zero: it is up.
    private readonly TimeSpan[] _lost;
    private readonly bool[] _isBack;

    public RestartFleet(RestartOptions options, RunContext context, RestartJudge judge, Truth truth)
    {
        (_context, _judge, _truth) = (context, judge, truth);
        ulong firstUser = context.Target.FirstUser;
        _lost = new TimeSpan[options.Connections];
        _isBack = new bool[options.Connections];
        ulong[][] graph = WatchGraph.Draw(options.Connections, options.Watches, firstUser, context.Random);
        Watchers = WatchGraph.CountWatchers(graph, firstUser);
        Fleet = new Fleet(context.FleetPlan, firstUser, [.. graph.Select(static watched => new View(watched))], this);
    }

    public Fleet Fleet { get; }

    /// <summary>How many watch each user.</summary>
    public IReadOnlyList<int> Watchers { get; }

    /// <summary>The next loss is the one from which leavers do not come back.</summary>
    public bool IsLast { get; set; }

    /// <summary>Changes they were told of.</summary>
    public long Deliveries { get; private set; }

    /// <summary>Sessions lost since <see cref="Forget"/>.</summary>
    public long Lost { get; private set; }

    /// <summary>The last of them.</summary>
    public TimeSpan LastLostAt { get; private set; }

    /// <summary>Sessions that were up again no later than the hold after the server was back.</summary>
    public long BackWithinHold { get; private set; }

    /// <summary>The last loss is done with.</summary>
    public void Forget()
    {
        (Lost, BackWithinHold) = (0, 0);
        Array.Clear(_isBack);
        _judge.Forget();
    }

    public void OnWelcome(Session session, Welcome welcome, bool isReturn)
    {
        _isBack[session.Index] = true;
        if (_judge.Returned(session.Index, welcome.ServerTimeMs, _context.Loop.Now))
        {
            _truth.Returned(session.Index);
        }
    }

    public void OnUp(Session session)
    {
        if (_lost[session.Index] is not { Ticks: > 0 } lost)
        {
            return;
        }

        TimeSpan now = _context.Loop.Now;
        _context.Latencies.Add(now - lost);
        _lost[session.Index] = TimeSpan.Zero;
        BackWithinHold += now - _judge.BackAt <= Fleet.Hold ? 1 : 0;
    }

    public void OnLost(Session session)
    {
        TimeSpan now = _context.Loop.Now;
        _judge.Lost(session.Index, IsLast, now);
        _truth.Forget(session.Index);
        _isBack[session.Index] = false;
        _lost[session.Index] = LastLostAt = now;
        Lost++;
    }

    public bool StaysAway(Session session) => IsLast && _judge.IsLeaver(session.Index);

    public void OnEntry(Session session, in SeenEntry entry, bool isNews)
    {
        Deliveries += isNews && session.IsUp ? 1 : 0;
        int user = (int)(entry.UserId - _context.Target.FirstUser);
        _judge.Seen(session.UserId, user, entry, _isBack[session.Index], isNews, _context.Loop.Now);
    }

    public void OnAck(Session session, ulong requestId, ulong version) => _truth.Acked(session.Index, version);

    // The only requests of a session that is up are its flips.
    public void OnRefused(Session session, ulong requestId) => _truth.Refused(session.Index);
}
