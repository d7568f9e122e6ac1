using System.CommandLine;
using Presence.LoadClient.Commands;

namespace Presence.LoadClient.Scenarios.Celebrity;

/// <summary><c>LoadClient celebrity</c></summary>
internal static class CelebrityCommand
{
    public static Command Create(TimeProvider time)
    {
        Option<int> connections = ScenarioCommand.Option("--connections", "Watchers, each on one connection", 1_000);
        // 5 in 30 s: what a server lets one user change by default.
        Option<double> flips = ScenarioCommand.Option("--flips", "Status changes a second of the one that all watch", 0.15);
        return ScenarioCommand.Create(
            "celebrity",
            "One user who is watched by everybody",
            [connections, flips],
            parse => new CelebrityOptions(parse.GetValue(connections), parse.GetValue(flips)),
            static (options, context) => new CelebrityScenario(options, context).Run(),
            time);
    }
}
