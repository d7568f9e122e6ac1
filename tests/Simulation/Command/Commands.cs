using System.CommandLine;
using System.Globalization;

namespace Presence.Simulation;

/// <summary>The command line: see docs/simulation.md.</summary>
internal sealed class Commands
{
    private const int BrokenPromise = 1;
    private const int Usage = 2;

    // As many homes as a version tells apart.
    private const int MostShards = 1_024;

    private const string None = "none";
    public const int MostJobs = 1_024;
    private const int MostClients = 10_000_000;
    private const int MostMinutes = 100_000;

    // All together do a thousand things a second at the most.
    private const long CalmMsPerClient = 2;

    private readonly Option<ulong> _seed = new("--seed") { Description = "The first seed.", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _seeds = new("--seeds") { Description = "How many seeds, from the first on.", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _jobs = new("--jobs") { Description = "Seeds at the same time, each on one thread.", DefaultValueFactory = _ => 1 };
    private readonly Option<double?> _minutes = new("--minutes") { Description = "Simulated minutes in which things go wrong; the seed's own by default." };
    private readonly Option<string?> _actors = new("--actors") { Description = "Only these clients, by number, as \"1,4\"." };
    private readonly Option<string?> _faults = new("--faults") { Description = "Only these faults, by number, or \"none\"." };
    private readonly Option<int?> _shards = new("--shards") { Description = "So many shards instead of the seed's own." };
    private readonly Option<int?> _clients = new("--clients") { Description = "So many clients instead of the seed's own; as many users." };
    private readonly Option<bool> _trace = new("--trace") { Description = "Say what happens, event by event." };
    private readonly Option<bool> _whole = new("--whole") { Description = "Do not shrink what breaks a promise." };

    private readonly RootCommand _root;

    private Commands()
    {
        _root = new RootCommand("Runs the engine against model clients in simulated time, and holds all it says against the truth.")
        {
            _seed, _seeds, _jobs, _minutes, _actors, _faults, _shards, _clients, _trace, _whole, PlantedCommand.Create(), ClusterCommand.Create(),
        };
        Within(_seeds, 1, int.MaxValue);
        Within(_jobs, 1, MostJobs);
        Within(_shards, 1, MostShards);
        Within(_clients, 1, MostClients);
        _minutes.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<double?>() is not (> 0 and <= MostMinutes))
            {
                result.AddError($"--minutes is more than 0 and at most {MostMinutes}.");
            }
        });
        AreNumbers(_actors);
        AreNumbers(_faults);
        _root.SetAction(Run);
    }

    /// <returns>The exit code.</returns>
    public static int Run(string[] args)
    {
        ParseResult result = new Commands()._root.Parse(args);
        return result.Errors.Count > 0 ? Fail(result) : result.Invoke();
    }

    /// <summary>The plan that a command line says.</summary>
    public static Plan PlanOf(string[] args)
    {
        var commands = new Commands();
        ParseResult result = commands._root.Parse(args);
        return commands.PlanOf(result, result.GetValue(commands._seed));
    }

    private static int Fail(ParseResult result)
    {
        result.Invoke();
        return Usage;
    }

    private int Run(ParseResult parse)
    {
        if (parse.GetValue(_trace))
        {
            Trial traced = Trial.Of(PlanOf(parse, parse.GetValue(_seed)), Console.Out);
            Console.WriteLine(traced.IsBad ? traced.What : "No promise was broken.");
            return traced.IsBad ? BrokenPromise : 0;
        }

        var summary = new Summary();
        var bad = new List<Trial>();
        SeedRange.Run(
            parse.GetValue(_seed),
            parse.GetValue(_seeds),
            parse.GetValue(_jobs),
            trial =>
            {
                summary.Add(trial);
                if (trial.IsBad)
                {
                    bad.Add(trial);
                    Console.WriteLine($"seed {trial.Plan.Seed}: {trial.What}");
                }

                return true;
            },
            seed => PlanOf(parse, seed));
        Console.WriteLine(summary);
        if (bad.Count > 0 && !parse.GetValue(_whole))
        {
            Console.WriteLine(Explanation.Of(bad.MinBy(trial => trial.Plan.Seed)!));
        }

        return bad.Count == 0 ? 0 : BrokenPromise;
    }

    private Plan PlanOf(ParseResult parse, ulong seed)
    {
        Plan plan = Planner.Of(seed);
        Settings settings = plan.Settings;
        if (parse.GetValue(_shards) is not null || parse.GetValue(_clients) is not null)
        {
            int clients = parse.GetValue(_clients) ?? settings.Clients;
            plan = Planner.Of(seed, settings with
            {
                Shards = parse.GetValue(_shards) ?? settings.Shards,
                Clients = clients,
                Users = parse.GetValue(_clients) is null ? settings.Users : clients,
                LookEveryMs = 5_000,
                CalmMs = clients * CalmMsPerClient,
            });
        }

        if (parse.GetValue(_minutes) is { } minutes)
        {
            plan = Planner.Of(seed, plan.Settings, (long)Math.Round(minutes * 60_000));
        }

        if (Numbers(parse.GetValue(_actors)) is { } actors)
        {
            plan = plan with { Actors = [.. plan.Actors.Where(actors.Contains)] };
        }

        return Numbers(parse.GetValue(_faults)) is { } faults ? plan with { Faults = [.. plan.Faults.Where(fault => faults.Contains(fault.Number))] } : plan;
    }

    /// <summary>Such an option is a number of these, or is not given.</summary>
    public static void Within<T>(Option<T> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<T>() is int value && (value < least || value > most))
        {
            result.AddError($"{option.Name} is {least} to {most}.");
        }
    });

    /// <summary>Such an option is numbers, or none.</summary>
    public static void AreNumbers(Option<string?> option) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<string?>() is { } text && text != None && !text.Split(',').All(static number => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            result.AddError($"{option.Name} is numbers with commas between them, or \"{None}\".");
        }
    });

    /// <summary>What such an option says; null: nothing.</summary>
    public static HashSet<int>? Numbers(string? text) =>
        text is null ? null : text == None ? [] : [.. text.Split(',').Select(static number => int.Parse(number, CultureInfo.InvariantCulture))];
}
