namespace Presence.Simulation;

/// <summary>A promise that a cluster has broken in words: with as few faults and clients as still break it, and the command that replays it.</summary>
internal static class ClusterExplanation
{
    public static string Of(ClusterTrial bad)
    {
        ClusterTrial small = bad;
        for (bool goesOn = true; goesOn;)
        {
            int before = small.Plan.Faults.Count + small.Plan.Actors.Count;
            small = Without(small, static plan => plan.Faults.Count, static (plan, at) => plan with { Faults = [.. plan.Faults.Where((_, i) => i != at)] });
            small = Without(small, static plan => plan.Actors.Count, static (plan, at) => plan with { Actors = [.. plan.Actors.Where((_, i) => i != at)] });
            goesOn = small.Plan.Faults.Count + small.Plan.Actors.Count < before;
        }

        return $"""
            seed {bad.Plan.Seed}: {small.What}
              in {small.Plan.Settings}
              faults: {string.Join("; ", small.Plan.Faults)}
            Replay: dotnet run -c Release --project tests/Simulation -- {small.Plan.Replay} --trace
            """;
    }

    private static ClusterTrial Without(ClusterTrial bad, Func<ClusterPlan, int> count, Func<ClusterPlan, int, ClusterPlan> without)
    {
        for (int at = count(bad.Plan) - 1; at >= 0; at--)
        {
            var trial = ClusterTrial.Of(without(bad.Plan, at));
            bad = trial.Promise == bad.Promise ? trial : bad;
        }

        return bad;
    }
}
