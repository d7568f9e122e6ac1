using Presence.LoadClient.Connections;
using Presence.LoadClient.Fleets;
using Presence.LoadClient.Measuring;
using Presence.V1;

namespace Presence.LoadClient.Scenarios.Storm;

/// <summary>Those that stay while the others are away, and must see none of them go within the hold.</summary>
internal sealed class StormWatchers : IFleetEvents
{
    private readonly RunContext _context;
    private readonly Absences _absences;

    public StormWatchers(StormOptions options, RunContext context, Absences absences)
    {
        (_context, _absences) = (context, absences);
        ulong firstUser = context.Target.FirstUser;
        View[] views = WatchGraph.DrawOutside(options.Watchers, options.Connections, options.Watches, firstUser, context.Random);
        Fleet = new Fleet(context.FleetPlan, firstUser + (ulong)options.Connections, views, this);
    }

    public Fleet Fleet { get; }

    /// <summary>Changes they were told of.</summary>
    public long Deliveries { get; private set; }

    public void OnEntry(Session session, in SeenEntry entry, bool isNews)
    {
        Deliveries += isNews && session.IsUp ? 1 : 0;
        if (isNews && entry.Status == Status.Offline)
        {
            _absences.SeenOffline(session.UserId, (int)(entry.UserId - _context.Target.FirstUser), _context.Loop.Now);
        }
    }
}
