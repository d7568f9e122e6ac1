namespace Presence.Simulation;

/// <summary>A broken promise in words: on the smallest plan that still breaks it, with the command that replays it.</summary>
internal static class Explanation
{
    public static string Of(Trial bad)
    {
        Trial small = new Shrinker(bad).Run();
        return $"""
            seed {bad.Plan.Seed}: {small.What}
              in {small.Plan.Settings}
              faults: {string.Join("; ", small.Plan.Faults)}
            Replay: dotnet run -c Release --project tests/Simulation -- {small.Plan.Replay} --trace
            """;
    }
}
