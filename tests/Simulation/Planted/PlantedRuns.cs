namespace Presence.Simulation;

/// <summary>What is run in a copy of the simulator (<see cref="PlantedEngine"/>); its types are none of the caller's.</summary>
internal static class PlantedRuns
{
    // How often a bug is found is known well enough by then.
    private const int EnoughBad = 3;

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

    /// <summary>As <see cref="FirstBadCluster"/>, and how many of the seeds break one, as soon as enough do.</summary>
    public static (ulong Seed, string Promise, int Bad, int Ran)? BadClusters(int seeds)
    {
        (ulong Seed, string Promise)? first = null;
        (int bad, int ran) = (0, 0);
        while (ran < seeds && bad < EnoughBad)
        {
            ulong seed = (ulong)++ran;
            if (ClusterTrial.Of(ClusterPlanner.Of(seed)).Promise is { } promise)
            {
                first ??= (seed, promise);
                bad++;
            }
        }

        return first is { } one ? (one.Seed, one.Promise, bad, ran) : null;
    }

    public static string TraceCluster(ulong seed)
    {
        ClusterTrial trial = ClusterTrial.Of(ClusterPlanner.Of(seed), Console.Out);
        return trial.IsBad ? trial.What : "No promise was broken.";
    }

    public static string ExplainCluster(ulong seed) => ClusterExplanation.Of(ClusterTrial.Of(ClusterPlanner.Of(seed)));

    public static string Explain(ulong seed) => Explanation.Of(Trial.Of(Planner.Of(seed)));

    public static string? Replay(string[] args) => Trial.Of(Commands.PlanOf(args)).Promise;
}
