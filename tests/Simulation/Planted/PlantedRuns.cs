namespace Presence.Simulation;

/// <summary>What is run in a copy of the simulator (<see cref="PlantedEngine"/>); its types are none of the caller's.</summary>
internal static class PlantedRuns
{
    public static (ulong Seed, string Promise)? FirstBad(int seeds)
    {
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            if (Trial.Of(Planner.Of(seed)).Promise is { } promise)
            {
                return (seed, promise);
            }
        }

        return null;
    }

    public static (ulong Seed, string Promise)? FirstBadCluster(int seeds)
    {
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            if (ClusterTrial.Of(ClusterPlanner.Of(seed)).Promise is { } promise)
            {
                return (seed, promise);
            }
        }

        return null;
    }

    public static string Explain(ulong seed) => Explanation.Of(Trial.Of(Planner.Of(seed)));

    public static string? Replay(string[] args) => Trial.Of(Commands.PlanOf(args)).Promise;
}
