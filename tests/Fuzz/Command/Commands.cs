using System.CommandLine;
using System.Globalization;
using Presence.Fuzz.Targets;
using SharpFuzz;

namespace Presence.Fuzz;

/// <summary>The command line: see docs/fuzzing.md.</summary>
internal sealed class Commands
{
    private const string All = "all";

    private readonly Argument<string> _target = new("target") { Description = $"The name of a target, or '{All}' for one after the other." };
    private readonly Argument<string[]> _files = new("file") { Description = "Inputs.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<double> _minutes = new("--minutes") { Description = "How long each target runs.", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _seed = new("--seed") { Description = "Of the mutations.", DefaultValueFactory = _ => 1 };
    private readonly Option<string> _out = new("--out") { Description = "Where inputs and findings are kept.", DefaultValueFactory = _ => Path.Combine("out", "fuzz") };
    private readonly Option<string> _corpus = new("--corpus") { Description = "The committed corpus.", DefaultValueFactory = _ => Path.Combine("tests", "Fuzz", "corpus") };

    private readonly RootCommand _root;

    private Commands()
    {
        _root = new RootCommand("Gives the server's readers bytes that nobody should send, and holds what they make of them against what must be true.")
        {
            _target, _minutes, _seed, _out,
            Verb("list", "Names the targets.", static _ => List()),
            Verb("reproduce", "Runs inputs, such as those of findings.", Reproduce, _target, _files),
            Verb("minimise", "Chooses the committed corpus among all inputs that are kept.", Minimise, _target, _out, _corpus),
            Verb("instrument", "Makes the copy of this program that AFL can follow.", Instrument, _out),
            Verb("afl", "Runs inputs that AFL sends.", Afl, _target),
        };
        _root.Subcommands.Add(Hidden("campaign", parse => Each(parse, Campaign), _target, _minutes, _seed, _out));
        _root.Subcommands.Add(Hidden("choose", parse => Each(parse, Choose), _target, _out, _corpus));
        _target.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<string>() is { } name && name != All && AllTargets.Named(name) is null)
            {
                result.AddError($"There is no target '{name}'; 'list' names them.");
            }
        });
        _root.SetAction(parse => Supervise(parse, "campaign", "--minutes", Text(parse.GetValue(_minutes)), "--seed", Text(parse.GetValue(_seed))));
    }

    /// <returns>The exit code.</returns>
    public static int Run(string[] args)
    {
        ParseResult result = new Commands()._root.Parse(args);
        int code = result.Invoke();
        return result.Errors.Count > 0 ? ExitCodes.Usage : code;
    }

    private static Command Verb(string name, string description, Func<ParseResult, int> action, params Symbol[] symbols)
    {
        var command = new Command(name, description);
        foreach (Symbol symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                command.Arguments.Add(argument);
            }
            else
            {
                command.Options.Add((Option)symbol);
            }
        }

        command.SetAction(action);
        return command;
    }

    // What the program calls itself by, in its instrumented copy.
    private static Command Hidden(string name, Func<ParseResult, int> action, params Symbol[] symbols)
    {
        Command command = Verb(name, "", action, symbols);
        command.Hidden = true;
        return command;
    }

    private static string Text<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    private static int List()
    {
        foreach (Target target in AllTargets.List)
        {
            Console.WriteLine(target.Name);
        }

        return ExitCodes.Nothing;
    }

    private IEnumerable<Target> TargetsOf(ParseResult parse) =>
        parse.GetValue(_target) is { } name && name != All ? [AllTargets.Named(name)!] : AllTargets.List;

    private Workspace WorkspaceOf(ParseResult parse) => new(parse.GetValue(_out)!);

    private int Supervise(ParseResult parse, string verb, params string[] arguments)
    {
        Workspace workspace = WorkspaceOf(parse);
        var supervisor = new Supervisor(workspace, Instrumentation.Make(workspace.Instrumented));
        bool clean = true;
        foreach (Target target in TargetsOf(parse))
        {
            clean &= supervisor.Run(target, [verb, target.Name, "--out", workspace.Root, .. arguments]);
        }

        return clean ? ExitCodes.Nothing : ExitCodes.Finding;
    }

    private int Each(ParseResult parse, Func<ParseResult, Target, bool> run) =>
        TargetsOf(parse).All(target => run(parse, target)) ? ExitCodes.Nothing : ExitCodes.Finding;

    private bool Campaign(ParseResult parse, Target target)
    {
        Workspace workspace = WorkspaceOf(parse);
        using var box = new BlackBox(workspace.BoxOf(target));
        var campaign = new Campaign(target, workspace, parse.GetValue(_seed), box);
        return campaign.Run(TimeSpan.FromMinutes(parse.GetValue(_minutes))) == 0;
    }

    private int Minimise(ParseResult parse) => Supervise(parse, "choose", "--corpus", Path.GetFullPath(parse.GetValue(_corpus)!));

    private bool Choose(ParseResult parse, Target target)
    {
        Workspace workspace = WorkspaceOf(parse);
        using var box = new BlackBox(workspace.BoxOf(target));
        int kept = Minimisation.Run(target, workspace, Path.Combine(parse.GetValue(_corpus)!, target.Name), box);
        Console.WriteLine($"{target.Name}: {kept} inputs");
        return true;
    }

    private int Reproduce(ParseResult parse)
    {
        bool clean = true;
        foreach (Target target in TargetsOf(parse))
        {
            foreach (string file in parse.GetValue(_files)!)
            {
                Fault? fault = Execution.Run(target, File.ReadAllBytes(file), isTimed: true, out bool accepted);
                Console.WriteLine($"{target.Name}: {file}: {fault?.What ?? (accepted ? "accepted" : "refused")}");
                clean &= fault is null;
            }
        }

        return clean ? ExitCodes.Nothing : ExitCodes.Finding;
    }

    private int Instrument(ParseResult parse)
    {
        Console.WriteLine(Instrumentation.Make(WorkspaceOf(parse).Instrumented));
        return ExitCodes.Nothing;
    }

    private int Afl(ParseResult parse)
    {
        Target target = TargetsOf(parse).First();
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using var input = new MemoryStream();
            stream.CopyTo(input);
            target.Judge(input.ToArray());
        });
        return ExitCodes.Nothing;
    }
}
