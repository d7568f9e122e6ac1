using Presence.Engine;

namespace Presence.Simulation;

/// <summary>Draws a plan from a seed.</summary>
internal static class Planner
{
    private const ulong SettingsSalt = 1;
    private const ulong FaultsSalt = 2;

    // In one length of the world there are fewer.
    private const int MostFaults = 10;

    // Between two faults that stop time, so that each can be told from the other.
    private const long ApartMs = 10_000;

    public static Plan Of(ulong seed)
    {
        var chance = new Chance(seed);
        Settings settings = SettingsOf(chance.Of(SettingsSalt));
        return Of(seed, settings);
    }

    public static Plan Of(ulong seed, Settings settings) => Of(seed, settings, settings.LengthMs);

    /// <param name="seed">Of all chance.</param>
    /// <param name="settings">The world, of whatever length of its own.</param>
    /// <param name="lengthMs">How long things go wrong in it. What does in a longer time begins with what does in a shorter one.</param>
    public static Plan Of(ulong seed, Settings settings, long lengthMs) =>
        new(seed, settings with { LengthMs = lengthMs }, [.. Enumerable.Range(0, settings.Clients)], FaultsOf(new Chance(seed).Of(FaultsSalt), settings, lengthMs));

    private static Settings SettingsOf(Chance chance) => new()
    {
        Shards = chance.Pick(1, 2, 2, 3, 4),
        Users = (int)chance.Between(3, 24),
        Clients = (int)chance.Between(6, 48),
        Options = OptionsOf(chance),
        ShardsRead = chance.Hits(0.5),
        LatencyMs = chance.Pick(0, 1, 5, 40),
        JitterMs = chance.Pick(1, 5, 60, 400),
        WindowBytes = chance.Pick(300, 2_000, 65_536),
        StoreMs = chance.Pick(0, 0, 3, 300),
        CheckpointEveryMs = chance.Pick(2_000, 20_000, 60_000),
        CheckpointTakesMs = chance.Pick(10, 1_500),
        StartTakesMs = chance.Pick(20, 700, 4_000),
        LengthMs = chance.Pick(120_000, 240_000, 480_000),
        LookEveryMs = chance.Pick(100, 250, 1_000),
        SyncMs = chance.Pick(0, 2, 12, 80),
        RetentionMs = chance.Pick(15_000, 3_600_000),
        LoadMs = chance.Pick(0, 0, 0, 4_000, 12_000),
        LetInMs = chance.Pick(0, 0, 3_000, 12_000, 50_000),
        LatestSlotMs = chance.Pick(300_000, 300_000, 8_000),
        DrainMs = chance.Pick(0, 5_000, 30_000),
    };

    private static ShardOptions OptionsOf(Chance chance)
    {
        bool quick = chance.Hits(0.5);
        long interval = quick ? chance.Pick(3_000, 6_000, 10_000) : 30_000;
        return new ShardOptions
        {
            HeartbeatIntervalMs = interval,
            ToleranceMs = quick ? chance.Pick(700, 1_000, 2_000) : 5_000,
            HoldMs = quick ? chance.Pick(900, 2_500, 5_000) : 15_000,
            MaxHeartbeatIntervalMs = chance.Pick(4, 4, 3) * interval,
            AwayAfterMs = chance.Hits(0.2) ? interval * 2 : 0,
            StatusChanges = chance.Hits(0.3) ? 5 : 0,
            CongestedForMs = chance.Pick(3_000, 10_000),
            Inbox = chance.Pick(new InboxCapacity(8, 4), new InboxCapacity(64, 16), new InboxCapacity(1_024, 256)),
            Budget = chance.Pick(TurnBudget.Default, new TurnBudget(3, 8, 64, 4)),
        };
    }

    // One length of the world after the other, each with faults of its own.
    private static Fault[] FaultsOf(Chance chance, Settings settings, long lengthMs)
    {
        var faults = new List<Fault>();
        long free = 0;
        for (int part = 0; part == 0 || part * settings.LengthMs < lengthMs; part++)
        {
            AddFaults(faults, chance, settings, part, ref free);
        }

        return [.. faults.OrderBy(fault => fault.AtMs)];
    }

    private static void AddFaults(List<Fault> faults, Chance chance, Settings settings, int part, ref long free)
    {
        int most = (int)chance.Between(0, MostFaults - 1);
        for (int i = 0; i < most; i++)
        {
            Fault fault = FaultOf(chance, (part * MostFaults) + i, settings, part * settings.LengthMs);
            if (fault.StopsTime)
            {
                // Struck one after the other, as far as the run is long enough.
                long at = Math.Max(fault.AtMs, free);
                free = at + fault.ForMs + settings.StartTakesMs + ApartMs;
                fault = fault with { AtMs = at };
            }

            if (fault.AtMs < (part + 1) * settings.LengthMs)
            {
                faults.Add(fault);
            }
        }
    }

    private static Fault FaultOf(Chance chance, int number, Settings settings, long fromMs)
    {
        FaultKind kind = chance.Pick(Enum.GetValues<FaultKind>());
        long at = fromMs + chance.Between(5_000, settings.LengthMs - 1);
        double share = chance.NextDouble();
        return new(number, kind, at, LengthOf(chance, kind), share);
    }

    // Pauses are either well below or well above what counts as a gap: near it both verdicts are right.
    private static long LengthOf(Chance chance, FaultKind kind) => kind switch
    {
        FaultKind.Killed or FaultKind.PowerLost or FaultKind.Restarted => chance.Pick(100, 3_000, 20_000, 90_000),
        FaultKind.Paused or FaultKind.ShardStuck => chance.Hits(0.3) ? chance.Between(50, 700) : chance.Between(1_500, 70_000),
        FaultKind.IoSilent => chance.Hits(0.2) ? chance.Between(50, 700) : chance.Between(4_000, 60_000),
        FaultKind.WallStepped => chance.Pick(-3_600_000, 3_600_000, -20_000, 20_000, -700, 700),
        FaultKind.DiskSlow or FaultKind.ReadsFail or FaultKind.WritesFail => chance.Between(500, 15_000),
        FaultKind.CheckpointsFail or FaultKind.Overloaded or FaultKind.Revoked => chance.Between(5_000, 100_000),
        _ => chance.Between(200, 25_000),
    };
}
