namespace Presence.Simulation;

/// <summary>All that decides a run: the same plan is the same run, event by event.</summary>
/// <param name="Seed">Of all chance.</param>
/// <param name="Settings">The world.</param>
/// <param name="Actors">Who takes part, by number.</param>
/// <param name="Faults">What goes wrong.</param>
internal sealed record Plan(ulong Seed, Settings Settings, IReadOnlyList<int> Actors, IReadOnlyList<Fault> Faults)
{
    /// <summary>What the command line says to have this plan again.</summary>
    public string Replay
    {
        get
        {
            Plan whole = Planner.Of(Seed);
            string command = $"--seed {Seed}";
            command += Settings.Shards != whole.Settings.Shards ? $" --shards {Settings.Shards}" : "";
            command += Settings.Clients != whole.Settings.Clients ? $" --clients {Settings.Clients}" : "";
            command += Actors.Count < Settings.Clients ? $" --actors {string.Join(',', Actors)}" : "";
            command += Faults.Count < whole.Faults.Count ? $" --faults {(Faults.Count == 0 ? "none" : string.Join(',', Faults.Select(fault => fault.Number)))}" : "";
            return command + (Settings.LengthMs < whole.Settings.LengthMs ? $" --minutes {Settings.LengthMs / 60_000.0:0.######}" : "");
        }
    }
}
