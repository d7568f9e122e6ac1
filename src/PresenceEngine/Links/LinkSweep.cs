namespace Presence.Engine;

/// <summary>
/// Takes down users who go with their link: looks at every slot of the shard's users, a bounded part a turn, for all links that have such users at once. A link
/// knows how many there are, so the walk goes round until there are none; whoever is named meanwhile is none of them.
/// </summary>
internal sealed class LinkSweep(Shard shard)
{
    private const int DownCost = 32;
    private const int Stride = 1_024;

    private readonly UserTable _users = shard.Users;
    private int _next;

    /// <returns>True when nobody is left to be taken down.</returns>
    public bool Advance(GatewayLink?[] links)
    {
        int budget = shard.Options.Budget.SweptSlots;
        while (Finish(links))
        {
            if (budget <= 0)
            {
                return false;
            }

            budget -= Walk(links, budget);
        }

        return true;
    }

    // True while a link has users to be taken down.
    private static bool Finish(GatewayLink?[] links)
    {
        bool more = false;
        foreach (GatewayLink? link in links)
        {
            if (link is { Sweeps: true, Users: > 0 })
            {
                more = true;
            }
            else if (link is { SweepsOld: true } or { State: LinkState.GoingDown })
            {
                link.EndSweep();
            }
        }

        return more;
    }

    private int Walk(GatewayLink?[] links, int budget)
    {
        int bound = _users.DeviceSlots;
        int end = Math.Min(bound, _next + Math.Min(budget, Stride));
        int cost = Math.Max(1, end - _next);
        for (int slot = _next; slot < end; slot++)
        {
            int node = _users.NodeAt(slot);
            ref Device device = ref _users.DeviceAt(node);
            if (device.IsOnLink && links[device.Gateway] is { } link && Goes(link, device))
            {
                TakeDown(link, node, device);
                cost += DownCost;
            }
        }

        _next = end >= bound ? 0 : end;
        return cost;
    }

    private static bool Goes(GatewayLink link, in Device device) =>
        link.State == LinkState.GoingDown || (link.SweepsOld && !LinkSessions.IsNamed(link, device));

    private void TakeDown(GatewayLink link, int node, in Device device)
    {
        if (link.LeftAtMs >= 0)
        {
            shard.Links.Sessions.Down(link, node, link.LeftAtMs, TransitionCause.Goodbye);
        }
        else
        {
            shard.Links.Sessions.Down(link, node, shard.Time.WallAt(shard.Edge.LastSeen(device)), TransitionCause.HoldOver);
        }
    }
}
