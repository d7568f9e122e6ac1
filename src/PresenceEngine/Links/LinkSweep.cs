namespace Presence.Engine;

/// <summary>
/// Takes down users who go with their link: looks at every slot of the shard's users, a bounded part a turn, for all links that have such
/// users at once, round and round until there are none. Whoever is named meanwhile is none of them.
/// </summary>
internal sealed class LinkSweep(Shard shard)
{
    private const int DownCost = 32;
    private const int Stride = 1_024;

    private readonly UserTable _users = shard.Users;
    private int _next;

    // Slots looked at since somebody was found, or a sweep began.
    private int _foundNobodyFor;

    /// <summary>One more link has users who go: the round begins where it is.</summary>
    public void Begin() => _foundNobodyFor = 0;

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

            budget -= Walk(links, Math.Min(budget, Stride));
        }

        return true;
    }

    // Ends the sweeps that are done. True while a link has users to be taken down.
    private bool Finish(GatewayLink?[] links)
    {
        bool all = _foundNobodyFor >= _users.DeviceSlots;
        bool more = false;
        foreach (GatewayLink? link in links)
        {
            if (link is not { Set.Sweeps: true })
            {
                continue;
            }

            if (all)
            {
                link.Set.EndSweep();
            }

            more |= !all;
        }

        return more;
    }

    private int Walk(GatewayLink?[] links, int slots)
    {
        int bound = _users.DeviceSlots;
        int end = Math.Min(bound, _next + slots);
        int found = 0;
        _foundNobodyFor += end - _next;
        for (int slot = _next; slot < end; slot++)
        {
            int node = _users.NodeAt(slot);
            ref Device device = ref _users.DeviceAt(node);
            if (device.IsOnLink && links[device.Gateway] is { } link && link.Set.IsGone(device))
            {
                shard.Links.Sessions.TakeDown(link, node);
                found++;
                _foundNobodyFor = 0;
            }
        }

        int cost = Math.Max(1, end - _next) + (found * DownCost);
        _next = end >= bound ? 0 : end;
        return cost;
    }
}
