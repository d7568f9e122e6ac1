using System.CommandLine;
using System.Globalization;

namespace Presence.Simulation;

/// <summary>Runs clusters: see docs/simulation.md.</summary>
internal static class ClusterCommand
{
    private const int BrokenPromise = 1;

    public static Command Create()
    {
        var seed = new Option<ulong>("--seed") { Description = "The first seed.", DefaultValueFactory = _ => 1 };
        var seeds = new Option<int>("--seeds") { Description = "How many seeds, from the first on.", DefaultValueFactory = _ => 1 };
        var jobs = new Option<int>("--jobs") { Description = "Seeds at the same time, each on one thread.", DefaultValueFactory = _ => 1 };
        var actors = new Option<string?>("--actors") { Description = "Only these clients, by number, as \"1,4\"." };
        var faults = new Option<string?>("--faults") { Description = "Only these faults, by number, or \"none\"." };
        var trace = new Option<bool>("--trace") { Description = "Say what happens, event by event." };
        var whole = new Option<bool>("--whole") { Description = "Do not shrink what breaks a promise." };
        Commands.Within(seeds, 1, int.MaxValue);
        Commands.Within(jobs, 1, Commands.MostJobs);
        Commands.AreNumbers(actors);
        Commands.AreNumbers(faults);
        var command = new Command("cluster", "Runs several nodes as one cluster, and holds all they say against the truth.") { seed, seeds, jobs, actors, faults, trace, whole, ClusterCosts.Create() };
        command.SetAction(parse =>
        {
            ClusterPlan PlanOf(ulong number) => Only(ClusterPlanner.Of(number), Commands.Numbers(parse.GetValue(actors)), Commands.Numbers(parse.GetValue(faults)));
            return parse.GetValue(trace)
                ? Say(ClusterTrial.Of(PlanOf(parse.GetValue(seed)), Console.Out))
                : RunAll(parse.GetValue(seed), parse.GetValue(seeds), parse.GetValue(jobs), !parse.GetValue(whole), PlanOf);
        });
        return command;
    }

    /// <summary>Runs many seeds, a few at a time, each on one thread.</summary>
    /// <param name="ended">Called with each trial, one at a time, in no order; false stops after those that run.</param>
    public static void RunRange(ulong first, int count, int jobs, Func<ClusterTrial, bool> ended, Func<ulong, ClusterPlan> planOf)
    {
        Lock gate = new();
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = jobs }, (i, state) =>
        {
            var trial = ClusterTrial.Of(planOf(first + (ulong)i));
            lock (gate)
            {
                if (!ended(trial))
                {
                    state.Stop();
                }
            }
        });
    }

    private static ClusterPlan Only(ClusterPlan plan, HashSet<int>? actors, HashSet<int>? faults) => plan with
    {
        Actors = actors is null ? plan.Actors : [.. plan.Actors.Where(actors.Contains)],
        Faults = faults is null ? plan.Faults : [.. plan.Faults.Where(fault => faults.Contains(fault.Number))],
    };

    private static int Say(ClusterTrial trial)
    {
        Console.WriteLine(trial.IsBad ? trial.What : "No promise was broken.");
        return trial.IsBad ? BrokenPromise : 0;
    }

    private static int RunAll(ulong first, int count, int jobs, bool shrinks, Func<ulong, ClusterPlan> planOf)
    {
        var all = new List<ClusterTrial>();
        RunRange(
            first,
            count,
            jobs,
            trial =>
            {
                all.Add(trial);
                if (trial.IsBad)
                {
                    Console.WriteLine($"seed {trial.Plan.Seed}: {trial.What}");
                }

                return true;
            },
            planOf);
        Console.WriteLine(Summary(all));
        ClusterTrial? bad = all.Where(static trial => trial.IsBad).MinBy(static trial => trial.Plan.Seed);
        if (bad is not null && shrinks)
        {
            Console.WriteLine(ClusterExplanation.Of(bad));
        }

        return bad is null ? 0 : BrokenPromise;
    }

    private static string Summary(List<ClusterTrial> all)
    {
        string faults = string.Join(", ", Enum.GetValues<ClusterFaultKind>().Select(kind => $"{kind} {all.Sum(trial => trial.Struck[(int)kind])}"));
        IEnumerable<string> broken = all.Where(static trial => trial.IsBad).GroupBy(static trial => trial.Promise!).OrderBy(static group => group.Key, StringComparer.Ordinal).Select(static group => $"{group.Key} {group.Count()}");
        string verdict = all.TrueForAll(static trial => !trial.IsBad) ? "no promise broken" : $"{all.Count(static trial => trial.IsBad)} broke a promise: {string.Join(", ", broken)}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{all.Count} seeds, {all.Sum(static trial => trial.AtMs) / 3_600_000.0:0.0} simulated hours, {all.Sum(static trial => trial.Happened):N0} events, {all.Sum(static trial => trial.Compared):N0} comparisons with the truth; {verdict}\nfaults: {faults}");
    }
}
