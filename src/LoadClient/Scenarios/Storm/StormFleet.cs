using Presence.LoadClient.Connections;
using Presence.LoadClient.Fleets;
using Presence.LoadClient.Measuring;
using Presence.V1;

namespace Presence.LoadClient.Scenarios.Storm;

/// <summary>The direct sessions that lose their connection: how long each was away, and what the server says of it.</summary>
internal sealed class StormFleet : IFleetEvents
{
    private readonly RunContext _context;
    private readonly Absences _absences;
    // When each was dropped; zero: it is up.
    private readonly TimeSpan[] _dropped;

    public StormFleet(StormOptions options, RunContext context, Absences absences)
    {
        (_context, _absences) = (context, absences);
        ulong firstUser = context.Target.FirstUser;
        _dropped = new TimeSpan[options.Connections];
        ulong[][] graph = WatchGraph.Draw(options.Connections, options.Watches, firstUser, context.Random);
        Fleet = new Fleet(context.FleetPlan, firstUser, [.. graph.Select(static watched => new View(watched))], this);
    }

    public Fleet Fleet { get; }

    /// <summary>All are about to lose their connection.</summary>
    public void BeginStorm()
    {
        TimeSpan now = _context.Loop.Now;
        foreach (Session session in Fleet.UpSessions)
        {
            _dropped[session.Index] = now;
            _absences.Lost(session.Index, now);
        }
    }

    public void OnWelcome(Session session, Welcome welcome, bool isReturn)
    {
        if (isReturn)
        {
            _absences.Returned(session.Index, welcome.Resumed, _context.Loop.Now);
        }
    }

    public void OnUp(Session session)
    {
        if (_dropped[session.Index] is { Ticks: > 0 } dropped)
        {
            _context.Latencies.Add(_context.Loop.Now - dropped);
            _dropped[session.Index] = TimeSpan.Zero;
        }
    }

    public void OnLost(Session session) => _absences.Lost(session.Index, _context.Loop.Now);

    public void OnPaced(Session session, TimeSpan at) => _absences.Paced(session.Index, at);

    public void OnEntry(Session session, in SeenEntry entry, bool isNews)
    {
        if (isNews && entry.Status == Status.Offline)
        {
            _absences.SeenOffline(session.UserId, (int)(entry.UserId - _context.Target.FirstUser), _context.Loop.Now);
        }
    }
}
