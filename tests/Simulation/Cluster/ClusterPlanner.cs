using Presence.Engine;

namespace Presence.Simulation;

/// <summary>Draws the plan of a cluster from a seed.</summary>
internal static class ClusterPlanner
{
    private const int MostFaults = 6;

    public static ClusterPlan Of(ulong seed)
    {
        var chance = new Chance(seed ^ 0xC1_0573);
        ClusterSettings settings = SettingsOf(chance.Of(1));
        return new(seed, settings, [.. Enumerable.Range(0, settings.Clients)], FaultsOf(chance.Of(2), settings));
    }

    private static ClusterSettings SettingsOf(Chance chance) => new()
    {
        Nodes = chance.Pick(1, 2, 3, 3, 3, 4, 5),
        Shards = chance.Pick(1, 1, 2, 3),
        Users = (int)chance.Between(3, 12),
        Clients = (int)chance.Between(6, 24),
        Options = OptionsOf(chance),
        LatencyMs = chance.Pick(1, 5, 40),
        PeerMs = chance.Pick(0, 1, 5, 60),
        PeerTimeoutMs = chance.Pick(1_000, 3_000),
        ClocksMs = chance.Pick(0, 200, 5_000),
        NoticeMs = chance.Pick(1_000, 2_000, 3_000),
        SuspectMs = chance.Pick(3_000, 4_500, 6_000),
        ViewMs = chance.Pick(20, 500, 2_500),
        ShipMs = chance.Pick(10, 200, 1_500),
        StoreMs = chance.Pick(0, 3, 300),
        SyncMs = chance.Pick(0, 2, 20),
        StartTakesMs = chance.Pick(50, 1_500),
        ActsWithinMs = chance.Pick(4_000, 15_000, 40_000),
        LengthMs = chance.Pick(60_000, 120_000, 180_000),
    };

    private static ShardOptions OptionsOf(Chance chance)
    {
        long interval = chance.Pick(6_000, 10_000, 30_000);
        return new ShardOptions
        {
            HeartbeatIntervalMs = interval,
            ToleranceMs = interval / chance.Pick(3, 6),
            HoldMs = interval / chance.Pick(2, 3),
            MaxHeartbeatIntervalMs = 4 * interval,
            StatusChanges = 0,
        };
    }

    private static ClusterFault[] FaultsOf(Chance chance, ClusterSettings settings) =>
        [.. Enumerable.Range(0, (int)chance.Between(0, MostFaults)).Select(number => FaultOf(chance, number, settings)).OrderBy(static fault => fault.AtMs)];

    private static ClusterFault FaultOf(Chance chance, int number, ClusterSettings settings)
    {
        ClusterFaultKind kind = chance.Pick(Enum.GetValues<ClusterFaultKind>());
        int node = chance.Below(settings.Nodes);
        int other = settings.Nodes == 1 ? node : (node + 1 + chance.Below(settings.Nodes - 1)) % settings.Nodes;
        return new(number, kind, chance.Between(12_000, settings.LengthMs - 1), LengthOf(chance, kind, settings), node, other);
    }

    // Links between two nodes whom everybody else hears stay cut for less than EdgeHold: nobody could say which of the two is wrong.
    private static long LengthOf(Chance chance, ClusterFaultKind kind, ClusterSettings settings) => kind switch
    {
        ClusterFaultKind.NodeKilled => chance.Pick(500, 5_000, 30_000),
        ClusterFaultKind.NodePaused or ClusterFaultKind.AllPaused => chance.Pick(700, 3_000, 9_000, 20_000, 60_000),
        ClusterFaultKind.NodeCut or ClusterFaultKind.PeersCut => chance.Pick(2_000, 9_000, 20_000, 60_000),
        ClusterFaultKind.LinkCut or ClusterFaultKind.LinkCutOneWay => chance.Between(500, Math.Max(1_000, settings.EdgeHoldMs - 7_000)),
        ClusterFaultKind.RedisAway => chance.Between(2_000, 60_000),
        ClusterFaultKind.LinksFlaky => chance.Between(5_000, 30_000),
        ClusterFaultKind.Flapping => 45_000,
        _ => chance.Between(200, 5_000),
    };
}
