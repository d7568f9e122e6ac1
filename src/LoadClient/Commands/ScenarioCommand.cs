using System.CommandLine;
using System.Globalization;
using Presence.LoadClient.Reports;
using Presence.LoadClient.Scenarios;

namespace Presence.LoadClient.Commands;

/// <summary>One scenario as a command: its own options beside those that all have.</summary>
internal static class ScenarioCommand
{
    /// <param name="read">From the parsed options of the scenario to what it runs with.</param>
    /// <param name="run">Runs it on the calling thread.</param>
    public static Command Create<TOptions>(
        string name,
        string description,
        IEnumerable<Option> options,
        Func<ParseResult, TOptions> read,
        Func<TOptions, RunContext, RunReport> run,
        TimeProvider time)
        where TOptions : IScenarioOptions
    {
        var target = new TargetOptions();
        var command = new Command(name, description);
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }

        target.AddTo(command);
        command.SetAction(async (parse, cancellation) =>
        {
            TOptions asked = read(parse);
            // Here and not in validators: those run before defaults are filled in.
            if ((asked.Fault() ?? FirstUserFault(parse.GetValue(target.FirstUser), asked.Users)) is { } fault)
            {
                await Console.Error.WriteLineAsync(fault);
                return ExitCodes.Usage;
            }

            return await new RunCommand(target, parse, time).RunAsync(context => run(asked, context), cancellation);
        });
        return command;
    }

    public static Option<T> Option<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    private static string? FirstUserFault(long firstUser, long users) =>
        firstUser >= 1 && firstUser <= long.MaxValue - users
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"--first-user is 1 to 2^63-1-{users}, not {firstUser}.");
}
