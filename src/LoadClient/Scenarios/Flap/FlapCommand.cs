using System.CommandLine;
using Presence.LoadClient.Commands;

namespace Presence.LoadClient.Scenarios.Flap;

/// <summary><c>LoadClient flap</c></summary>
internal static class FlapCommand
{
    public static Command Create(TimeProvider time)
    {
        Option<int> users = ScenarioCommand.Option("--users", "Users that lose their connection and come back", 500);
        Option<int> watchers = ScenarioCommand.Option("--watchers", "Users that watch them, and stay", 100);
        Option<int> watches = ScenarioCommand.Option("--watch", "How many of them each watcher watches", 50);
        Option<double> bounces = ScenarioCommand.Option("--bounces", "Connections lost a second, over all of them", 20.0);
        Option<double> longShare = ScenarioCommand.Option("--long-share", "0 to 1: how many of them are longer than the hold", 0.0);
        return ScenarioCommand.Create(
            "flap",
            "Users who lose their connection and are back before, or after, the hold is over",
            [users, watchers, watches, bounces, longShare],
            parse => new FlapOptions(
                parse.GetValue(users),
                parse.GetValue(watchers),
                parse.GetValue(watches),
                parse.GetValue(bounces),
                parse.GetValue(longShare)),
            static (options, context) => new FlapScenario(options, context).Run(),
            time);
    }
}
