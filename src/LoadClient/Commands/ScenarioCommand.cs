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

    /// <summary>An option that takes <c>250</c>, <c>12K</c>, <c>100M</c> or <c>1M/s</c>.</summary>
    public static Option<double> Amount(string name, string description, double value)
    {
        Option<double> option = Option(name, description, value);
        option.CustomParser = static result =>
        {
            if (!Amounts.TryParse(result.Tokens[0].Value, out double amount))
            {
                result.AddError($"'{result.Tokens[0].Value}' is not an amount such as 250, 12K, 100M or 1M/s.");
            }

            return amount;
        };
        return option;
    }

    /// <summary>An option that takes <c>500ms</c>, <c>30s</c>, <c>5m</c> or <c>hh:mm:ss</c>.</summary>
    public static Option<TimeSpan> Duration(string name, string description, TimeSpan value)
    {
        Option<TimeSpan> option = Option(name, description, value);
        option.CustomParser = TargetOptions.ParseDuration;
        return option;
    }

    private static string? FirstUserFault(long firstUser, long users) =>
        firstUser >= 1 && firstUser <= long.MaxValue - users
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"--first-user is 1 to 2^63-1-{users}, not {firstUser}.");
}
