using System.Globalization;

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
            Settings own = Planner.Of(Seed).Settings;
            Plan whole = Planner.Of(Seed, own, Settings.LengthMs);
            int[] struck = [.. Faults.Select(fault => fault.Number).Intersect(whole.Faults.Select(fault => fault.Number))];
            string command = $"--seed {Seed}";
            // What makes a world large changes more of it than these two.
            command += Settings.CalmMs > 0 ? $" --shards {Settings.Shards}" : "";
            command += Settings.Clients != own.Clients || Settings.Users != own.Users ? $" --clients {Settings.Clients}" : "";
            command += Actors.Count < Settings.Clients ? $" --actors {string.Join(',', Actors)}" : "";
            command += struck.Length < whole.Faults.Count ? $" --faults {(struck.Length == 0 ? "none" : string.Join(',', struck))}" : "";
            return command + (Settings.LengthMs != own.LengthMs ? string.Create(CultureInfo.InvariantCulture, $" --minutes {Settings.LengthMs / 60_000.0:0.######}") : "");
        }
    }
}
