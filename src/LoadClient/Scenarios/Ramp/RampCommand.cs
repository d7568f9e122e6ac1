using System.CommandLine;
using Presence.LoadClient.Commands;

namespace Presence.LoadClient.Scenarios.Ramp;

/// <summary><c>LoadClient ramp</c></summary>
internal static class RampCommand
{
    public static Command Create(TimeProvider time)
    {
        Option<double> sessions = ScenarioCommand.Amount("--sessions", "Users that come up over gateway links: 250, 12K, 100M", 100_000);
        Option<int> links = ScenarioCommand.Option("--links", "Gateways, each with one link", 8);
        Option<double> rampRate = ScenarioCommand.Amount("--ramp-rate", "Sessions that come up a second, over all links", 1_000_000);
        Option<double> changes = ScenarioCommand.Amount("--changes", "Changes a second while holding", 120);
        Option<double> reads = ScenarioCommand.Amount("--reads", "User ids asked about a second while holding", 1_200);
        Option<(int, int)> idsPerQuery = Range("--ids-per-query", "How many of them in one query, at least and at most", (16, 1_000));
        Option<int> watchers = ScenarioCommand.Option("--watchers", "Direct sessions that watch, and measure the latency", 100);
        Option<int> watches = ScenarioCommand.Option("--watches", "Users that each of them watches", 20);
        Option<double> sample = ScenarioCommand.Amount("--sample", "Users whose state is verified at the end, drawn from all", 1_000_000);
        Option<bool> restart = ScenarioCommand.Option(
            "--restart-link", "Two links are lost while holding: one resumes, the gateway of the other is started anew", false);
        Command command = ScenarioCommand.Create(
            "ramp",
            "Many users come up over gateway links and are held there: heartbeats, changes and reads at steady rates",
            [sessions, links, rampRate, changes, reads, idsPerQuery, watchers, watches, sample, restart],
            parse => new RampOptions(
                (long)parse.GetValue(sessions),
                parse.GetValue(links),
                parse.GetValue(rampRate),
                parse.GetValue(changes),
                parse.GetValue(reads),
                parse.GetValue(idsPerQuery),
                parse.GetValue(watchers),
                parse.GetValue(watches),
                (long)parse.GetValue(sample),
                parse.GetValue(restart)),
            static (options, context) => new RampScenario(options, context).Run(),
            time);
        // What is measured is the hold: people look for it under that name.
        command.Options.Single(static option => option.Name == "--duration").Aliases.Add("--hold");
        return command;
    }

    private static Option<(int, int)> Range(string name, string description, (int, int) value)
    {
        Option<(int, int)> option = ScenarioCommand.Option(name, description, value);
        option.CustomParser = static result =>
        {
            if (!Amounts.TryParseRange(result.Tokens[0].Value, out (int, int) range))
            {
                result.AddError($"'{result.Tokens[0].Value}' is not a range such as 16..1000.");
            }

            return range;
        };
        return option;
    }
}
