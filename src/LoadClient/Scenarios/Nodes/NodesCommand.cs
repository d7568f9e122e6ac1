using System.CommandLine;
using Presence.LoadClient.Commands;

namespace Presence.LoadClient.Scenarios.Nodes;

/// <summary><c>LoadClient nodes</c></summary>
internal static class NodesCommand
{
    public static Command Create(TimeProvider time)
    {
        Option<int> connections = ScenarioCommand.Option("--connections", "Users, each on one connection, who watch each other", 1_000);
        Option<int> watches = ScenarioCommand.Option("--watch", "Others of them that each watches", 20);
        Option<double> flips = ScenarioCommand.Option("--flips", "Status changes a second over all of them, whatever fails", 100.0);
        Option<double> away = ScenarioCommand.Option("--stay-away", "0 to 0.9: how many of them do not come back when they are lost", 0.0);
        Option<TimeSpan> tolerance = ScenarioCommand.Duration(
            "--tolerance", "Presence:Session:Tolerance of the servers, which no client is told", TimeSpan.FromSeconds(5));
        Option<bool> untilTold = ScenarioCommand.Option("--until-told", "Go on until a line comes on standard input, instead of for the duration", false);
        return ScenarioCommand.Create(
            "nodes",
            "Nodes of a cluster fail and are restarted by whoever runs this, while users flip: nobody who comes back in time was seen to go",
            [connections, watches, flips, away, tolerance, untilTold],
            parse => new NodesOptions(
                parse.GetValue(connections),
                parse.GetValue(watches),
                parse.GetValue(flips),
                parse.GetValue(away),
                parse.GetValue(tolerance),
                parse.GetValue(untilTold)),
            static (options, context) => new NodesScenario(options, context).Run(),
            time);
    }
}
