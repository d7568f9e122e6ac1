using System.CommandLine;
using Presence.LoadClient.Commands;

namespace Presence.LoadClient.Scenarios.Restart;

/// <summary><c>LoadClient restart</c></summary>
internal static class RestartCommand
{
    public static Command Create(TimeProvider time)
    {
        Option<int> connections = ScenarioCommand.Option("--connections", "Users, each on one connection, who watch each other", 1_000);
        Option<int> watches = ScenarioCommand.Option("--watch", "Others of them that each watches", 20);
        Option<double> flips = ScenarioCommand.Option("--flips", "Status changes a second over all of them, until the server is lost", 20.0);
        Option<int> restarts = ScenarioCommand.Option("--restarts", "How often the server is to be killed and started again", 1);
        Option<double> away = ScenarioCommand.Option("--stay-away", "0 to 0.9: how many of them do not come back from the last time", 0.1);
        Option<TimeSpan> tolerance = ScenarioCommand.Duration(
            "--tolerance", "Presence:Session:Tolerance of the server, which no client is told", TimeSpan.FromSeconds(5));
        return ScenarioCommand.Create(
            "restart",
            "The server is killed and started again, or stopped for a while, by whoever runs this: nobody who comes back was seen to go",
            [connections, watches, flips, restarts, away, tolerance],
            parse => new RestartOptions(
                parse.GetValue(connections),
                parse.GetValue(watches),
                parse.GetValue(flips),
                parse.GetValue(restarts),
                parse.GetValue(away),
                parse.GetValue(tolerance)),
            static (options, context) => new RestartScenario(options, context).Run(),
            time);
    }
}
