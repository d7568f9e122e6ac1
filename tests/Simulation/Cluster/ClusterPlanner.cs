using Presence.Engine;

namespace Presence.Simulation;

/// <summary>Draws the plan of a cluster from a seed.</summary>
internal static class ClusterPlanner
{
    private const double Focused = 0.5;

    // In every third world; the others are those by which planted bugs were found before there was this.
    private const ulong SlowWalks = 3;

    // By which a mistake between nodes shows that nothing else shows.
    private static readonly ClusterFaultKind[] s_focused =
    [
        ClusterFaultKind.NodeDown, ClusterFaultKind.NodeBlind, ClusterFaultKind.PausedUnseen, ClusterFaultKind.CutAtRingChange, ClusterFaultKind.HomeKilled, ClusterFaultKind.LinksRepeat,
        ClusterFaultKind.HomeKilled, ClusterFaultKind.LinksLose, ClusterFaultKind.NodeRestarted,
    ];

    public static ClusterPlan Of(ulong seed)
    {
        var chance = new Chance(seed ^ 0xC1_0573);
        ClusterSettings settings = SettingsOf(chance.Of(1), seed % SlowWalks == 2 ? chance.Of(3) : null);
        return new(seed, settings, [.. Enumerable.Range(0, settings.Clients)], FaultsOf(chance.Of(2), settings));
    }

    // Where many are watched by few, nobody else asks about whom one has missed something of.
    private static ClusterSettings SettingsOf(Chance chance, Chance? walks) => new()
    {
        Nodes = chance.Pick(1, 2, 3, 3, 3, 4, 4, 5),
        Shards = chance.Pick(1, 1, 2, 3),
        Users = (int)chance.Pick(chance.Between(3, 12), chance.Between(12, 40)),
        Clients = (int)chance.Between(6, 24),
        Options = OptionsOf(chance, walks),
        LatencyMs = chance.Pick(1, 5, 40),
        PeerMs = chance.Pick(0, 1, 5, 60),
        PeerTimeoutMs = chance.Pick(1_000, 3_000),
        ClocksMs = chance.Pick(0, 200, 5_000),
        NoticeMs = chance.Pick(1_000, 2_000, 3_000),
        SuspectMs = chance.Pick(3_000, 4_500, 6_000),
        ViewMs = chance.Pick(20, 500, 2_500),
        ShipMs = chance.Pick(10, 200, 1_500, 6_000),
        StoreMs = chance.Pick(0, 3, 300),
        SyncMs = chance.Pick(0, 2, 20),
        StartTakesMs = chance.Pick(50, 1_500),
        ActsWithinMs = chance.Pick(4_000, 15_000, 40_000),
        StayAway = chance.Pick(0, 0.3, 0.7),
        LookIn = chance.Pick(0, 0, 0.3),
        WatchesAtOnce = chance.Pick(3, 8),
        LengthMs = chance.Pick(60_000, 120_000, 180_000),
        TurnMs = walks?.Pick(1, 20, 100) ?? 1,
    };

    private static ShardOptions OptionsOf(Chance chance, Chance? walks)
    {
        long interval = chance.Pick(6_000, 10_000, 30_000);
        return new ShardOptions
        {
            HeartbeatIntervalMs = interval,
            ToleranceMs = interval / chance.Pick(3, 6),
            HoldMs = interval / chance.Pick(2, 3),
            MaxHeartbeatIntervalMs = 4 * interval,
            StatusChanges = 0,
            Budget = walks is null ? TurnBudget.Default : BudgetOf(walks),
        };
    }

    // A node has a handful of users here: what goes through all of them takes several turns all the same, and each of its walks its own time.
    private static TurnBudget BudgetOf(Chance walks)
    {
        int OfThose() => walks.Pick(1, 2, 5, 4_096);
        return TurnBudget.Default with { WalkedUsers = OfThose(), NamedUsers = OfThose(), SweptDevices = OfThose(), AskedUsers = OfThose() };
    }

    private static ClusterFault[] FaultsOf(Chance chance, ClusterSettings settings) =>
        [.. Enumerable.Range(0, chance.Pick(0, 1, 1, 2, 2, 3, 4, 6)).Select(number => FaultOf(chance, number, settings)).OrderBy(static fault => fault.AtMs)];

    private static ClusterFault FaultOf(Chance chance, int number, ClusterSettings settings)
    {
        ClusterFaultKind kind = chance.Hits(Focused) ? chance.Pick(s_focused) : chance.Pick(Enum.GetValues<ClusterFaultKind>());
        int node = chance.Below(settings.Nodes);
        int other = settings.Nodes == 1 ? node : (node + 1 + chance.Below(settings.Nodes - 1)) % settings.Nodes;
        if (kind == ClusterFaultKind.CutAtRingChange && settings.Nodes < 4)
        {
            // Of the two that are left each would take the other for dead.
            kind = ClusterFaultKind.NodeDown;
        }

        long forMs = LengthOf(chance, kind, settings);
        // Some are over before all is made good.
        long last = kind is ClusterFaultKind.NodeBlind or ClusterFaultKind.NodeDeaf or ClusterFaultKind.CutAtRingChange or ClusterFaultKind.LinksRepeat or ClusterFaultKind.LinksLose ? settings.LengthMs - forMs : settings.LengthMs - 1;
        return new(number, kind, chance.Between(12_000, Math.Max(15_000, last)), forMs, node, other);
    }

    // Links between two nodes whom everybody else hears stay cut for less than EdgeHold: nobody could say which of the two is wrong.
    private static long LengthOf(Chance chance, ClusterFaultKind kind, ClusterSettings settings) => kind switch
    {
        ClusterFaultKind.NodeKilled => chance.Pick(500, 5_000, 30_000),
        ClusterFaultKind.NodePaused or ClusterFaultKind.AllPaused => chance.Pick(700, 3_000, 9_000, 20_000, 60_000),
        ClusterFaultKind.NodeCut or ClusterFaultKind.PeersCut => chance.Pick(2_000, 9_000, 20_000, 60_000),
        ClusterFaultKind.LinkCut or ClusterFaultKind.LinkCutOneWay => chance.Pick(chance.Between(500, 4_500), chance.Between(500, Math.Max(1_000, settings.EdgeHoldMs - 7_000))),
        ClusterFaultKind.RedisAway => chance.Between(2_000, 60_000),
        ClusterFaultKind.LinksFlaky => chance.Between(5_000, 30_000),
        ClusterFaultKind.Flapping => 45_000,
        ClusterFaultKind.NodeDeaf or ClusterFaultKind.NodeBlind => settings.EdgeHoldMs + chance.Between(10_000, 25_000),
        ClusterFaultKind.PausedUnseen => chance.Between(5_000, Math.Max(7_000, settings.EdgeHoldMs - 7_000)),
        ClusterFaultKind.CutAtRingChange => Math.Max(3_000, settings.EdgeHoldMs - chance.Between(7_000, 9_000)),
        ClusterFaultKind.HomeKilled => chance.Pick(ClusterFault.ForGood, ClusterFault.ForGood, 5_000, 30_000),
        ClusterFaultKind.NodeRestarted => chance.Between(50, 600),
        ClusterFaultKind.LinksRepeat or ClusterFaultKind.LinksLose => chance.Between(10_000, 40_000),
        _ => chance.Between(200, 5_000),
    };
}
