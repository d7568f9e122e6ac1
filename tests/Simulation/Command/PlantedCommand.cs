using System.CommandLine;
using System.Globalization;

namespace Presence.Simulation;

/// <summary>Builds the engine with one planted bug after the other, and says which seed finds each, as a table.</summary>
internal static class PlantedCommand
{
    private const int NotFound = 1;

    public static Command Create()
    {
        var name = new Argument<string?>("name") { Description = "Only this one, with what breaks in words.", Arity = ArgumentArity.ZeroOrOne };
        name.AcceptOnlyFromAmong([.. PlantedBugs.All.Select(bug => bug.Name)]);
        var jobs = new Option<int>("--jobs") { Description = "Bugs at the same time.", DefaultValueFactory = _ => 1 };
        Commands.Within(jobs, 1, Commands.MostJobs);
        var command = new Command("planted", "Plants mistakes in copies of the engine, and says which seed finds each.") { name, jobs };
        command.Add(CreateOfClusters());
        command.SetAction(parse => parse.GetValue(name) is { } only ? Explain(PlantedBugs.Of(only)) : RunAll(PlantedBugs.All, Find, parse.GetValue(jobs)));
        return command;
    }

    private static Command CreateOfClusters()
    {
        var names = new Argument<string[]>("names") { Description = "Only these; of one alone, with what breaks in words.", Arity = ArgumentArity.ZeroOrMore };
        names.AcceptOnlyFromAmong([.. ClusterBugs.All.Select(static bug => bug.Name)]);
        var jobs = new Option<int>("--jobs") { Description = "Bugs at the same time.", DefaultValueFactory = _ => 1 };
        Commands.Within(jobs, 1, Commands.MostJobs);
        var trace = new Option<ulong?>("--trace") { Description = "Of one bug: say what happens with this seed, event by event." };
        var command = new Command("cluster", "The same of clusters.") { names, jobs, trace };
        command.SetAction(parse => parse.GetValue(names) switch
        {
            [string only] => ExplainInCluster(ClusterBugs.Of(only), parse.GetValue(trace)),
            [] or null => RunAllInClusters(ClusterBugs.All, parse.GetValue(jobs)),
            string[] some => RunAllInClusters([.. some.Select(ClusterBugs.Of)], parse.GetValue(jobs)),
        });
        return command;
    }

    private static int RunAll(IReadOnlyList<PlantedBug> bugs, Func<PlantedBug, (ulong Seed, string Promise)?> find, int jobs)
    {
        bool all = true;
        Console.WriteLine("| name | what is wrong | seed | broken |\n|---|---|---|---|");
        foreach ((PlantedBug bug, (ulong Seed, string Promise)? found) in bugs
            .AsParallel().AsOrdered().WithDegreeOfParallelism(jobs).WithMergeOptions(ParallelMergeOptions.NotBuffered)
            .Select(bug => (bug, find(bug))))
        {
            all &= found is not null;
            string seed = found?.Seed.ToString(CultureInfo.InvariantCulture) ?? "not found";
            Console.WriteLine($"| `{bug.Name}` | {bug.Meaning} | {seed} | {found?.Promise} |");
        }

        return all ? 0 : NotFound;
    }

    private static (ulong Seed, string Promise)? Find(PlantedBug bug)
    {
        using var engine = new PlantedEngine(bug);
        return engine.FirstBad(PlantedBugs.Seeds);
    }

    private static int RunAllInClusters(IReadOnlyList<PlantedBug> bugs, int jobs)
    {
        bool all = true;
        Console.WriteLine("| name | what is wrong | seed | broken | seeds that find it |\n|---|---|---|---|---|");
        foreach ((PlantedBug bug, (ulong Seed, string Promise, int Bad, int Ran)? found) in bugs
            .AsParallel().AsOrdered().WithDegreeOfParallelism(jobs).WithMergeOptions(ParallelMergeOptions.NotBuffered)
            .Select(static bug => (bug, FindInClusters(bug))))
        {
            all &= found is not null;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| `{bug.Name}` | {bug.Meaning} | {(found is { } one ? one.Seed : "not found")} | {found?.Promise} | {found?.Bad ?? 0} of {found?.Ran ?? ClusterBugs.Seeds} |"));
        }

        return all ? 0 : NotFound;
    }

    private static (ulong Seed, string Promise, int Bad, int Ran)? FindInClusters(PlantedBug bug)
    {
        using var engine = new PlantedEngine(bug);
        return engine.BadClusters(ClusterBugs.Seeds);
    }

    private static int ExplainInCluster(PlantedBug bug, ulong? traced)
    {
        using var engine = new PlantedEngine(bug);
        if (traced is { } seed)
        {
            Console.WriteLine(engine.TraceCluster(seed));
            return 0;
        }

        if (engine.FirstBadCluster(ClusterBugs.Seeds) is not { } found)
        {
            Console.WriteLine($"{ClusterBugs.Seeds} seeds do not find it.");
            return NotFound;
        }

        Console.WriteLine(engine.ExplainCluster(found.Seed));
        return 0;
    }

    private static int Explain(PlantedBug bug)
    {
        using var engine = new PlantedEngine(bug);
        if (engine.FirstBad(PlantedBugs.Seeds) is not { } found)
        {
            Console.WriteLine($"{PlantedBugs.Seeds} seeds do not find it.");
            return NotFound;
        }

        Console.WriteLine(engine.Explain(found.Seed));
        return 0;
    }
}
