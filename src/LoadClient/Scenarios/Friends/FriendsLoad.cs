using Presence.LoadClient.Connections;
using Presence.LoadClient.Fleets;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Pacing;
using Presence.LoadClient.Series;
using Presence.V1;

namespace Presence.LoadClient.Scenarios.Friends;

/// <summary>Users who watch each other and flip their status: what they do, what they are told, and what they must have been told in the end.</summary>
internal sealed class FriendsLoad : IFleetEvents
{
    private readonly FriendsOptions _options;
    private readonly RunContext _context;
    private readonly Deliveries _deliveries;
    private readonly FlipRun _flips;

    public FriendsLoad(FriendsOptions options, RunContext context)
    {
        (_options, _context) = (options, context);
        ulong firstUser = context.Target.FirstUser;
        ulong[][] graph = WatchGraph.Draw(options.Connections, options.Watches, firstUser, context.Random);
        Fleet = new Fleet(context.FleetPlan, firstUser, [.. graph.Select(static watched => new View(watched))], this);
        Truth = new Truth(options.Connections);
        _deliveries = new Deliveries(Truth, context.Latencies);
        _flips = new FlipRun(context, options.FlipsPerSecond, Fleet.Sessions, WatchGraph.CountWatchers(graph, firstUser), Truth);
    }

    public Fleet Fleet { get; }

    public Truth Truth { get; }

    /// <summary>Of the part that is measured now, or was last.</summary>
    public FlipPacer Flips => _flips.Measured;

    /// <summary>Deliveries of flips that were measured, in all parts.</summary>
    public long Delivered => _deliveries.Count;

    public RunTotals Totals => Fleet.Totals with
    {
        Changes = _flips.Sent,
        Deliveries = _deliveries.Count,
    };

    /// <summary>All come up and flip until code is compiled and caches are warm.</summary>
    /// <returns>How long it took until they were up.</returns>
    public TimeSpan ComeUp()
    {
        TimeSpan ramped = BringUp.Run(_context, [Fleet]);
        _context.Warn(FlipOrder.WarningOf(_options.FlipsPerSecond, _options.Connections, Fleet.Limits?.StatusChanges ?? "0"));
        _flips.WarmUp();
        return ramped;
    }

    /// <summary>Flips and measures; what was sent before is not counted.</summary>
    /// <param name="phase">A word for this part of the run.</param>
    /// <returns>How long it took.</returns>
    public TimeSpan Measure(string phase, TimeSpan duration)
    {
        _deliveries.MeasuredFrom = _context.Loop.Now;
        return _flips.Measure(phase, duration);
    }

    /// <summary>Nothing new is asked; all comes to rest.</summary>
    public void Quiesce()
    {
        _context.Enter("quiesce");
        Quiescence.Wait(_context, [Fleet], FlipOrder.LongestDelay(Fleet.Limits?.StatusChanges), () => Truth.Unacked == 0, () => Compare().Wrong == 0);
        _context.Sample();
    }

    public Comparison Compare() =>
        new ViewComparer(Truth, _context.Target.FirstUser, user => Fleet.Sessions[user].IsUp)
            .Compare(Fleet.UpSessions.Select(static session => (session.UserId, session.View)));

    public void OnWelcome(Session session, Welcome welcome, bool isReturn)
    {
        if (isReturn)
        {
            Truth.Returned(session.Index);
        }
    }

    public void OnLost(Session session) => Truth.Forget(session.Index);

    public void OnEntry(Session session, in SeenEntry entry, bool isNews)
    {
        if (isNews)
        {
            _deliveries.Add((int)(entry.UserId - _context.Target.FirstUser), entry.Status, _context.Loop.Now);
        }
    }

    public void OnAck(Session session, ulong requestId, ulong version) => Truth.Acked(session.Index, version);

    // The only requests of a session that is up are its flips.
    public void OnRefused(Session session, ulong requestId) => Truth.Refused(session.Index);
}
