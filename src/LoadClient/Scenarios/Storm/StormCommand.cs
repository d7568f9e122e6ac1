using System.CommandLine;
using Presence.LoadClient.Commands;

namespace Presence.LoadClient.Scenarios.Storm;

/// <summary><c>LoadClient storm</c></summary>
internal static class StormCommand
{
    public static Command Create(TimeProvider time)
    {
        Option<int> connections = ScenarioCommand.Option("--connections", "Users who all lose their connection at once", 1_000);
        Option<int> watches = ScenarioCommand.Option("--watch", "Others of them that each watches, again after the storm", 20);
        Option<int> watchers = ScenarioCommand.Option("--watchers", "Users who stay, and watch as many of them", 100);
        Option<int> storms = ScenarioCommand.Option("--storms", "How often, evenly over the duration", 1);
        Option<double> sessions = ScenarioCommand.Amount("--sessions", "Users on gateway links, which are lost too: 100K; 0 for no links", 0);
        Option<int> links = ScenarioCommand.Option("--links", "Gateways that carry them, each with one link", 8);
        Option<double> rampRate = ScenarioCommand.Amount("--ramp-rate", "Sessions on links that come up a second, over all links", 1_000_000);
        Option<double> sample = ScenarioCommand.Amount("--sample", "Users on links whose state is verified at the end, drawn from all", 1_000_000);
        return ScenarioCommand.Create(
            "storm",
            "Everybody loses the connection at once and comes back",
            [connections, watches, watchers, storms, sessions, links, rampRate, sample],
            parse => new StormOptions(
                parse.GetValue(connections),
                parse.GetValue(watches),
                parse.GetValue(watchers),
                parse.GetValue(storms),
                (long)parse.GetValue(sessions),
                parse.GetValue(links),
                parse.GetValue(rampRate),
                (long)parse.GetValue(sample)),
            static (options, context) => new StormScenario(options, context).Run(),
            time);
    }
}
