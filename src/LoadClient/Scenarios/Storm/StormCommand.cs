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
        return ScenarioCommand.Create(
            "storm",
            "Everybody loses the connection at once and comes back",
            [connections, watches, watchers, storms],
            parse => new StormOptions(
                parse.GetValue(connections), parse.GetValue(watches), parse.GetValue(watchers), parse.GetValue(storms)),
            static (options, context) => new StormScenario(options, context).Run(),
            time);
    }
}
