using System.CommandLine;
using Presence.LoadClient.Commands;

namespace Presence.LoadClient.Scenarios.Friends;

/// <summary><c>LoadClient friends</c></summary>
internal static class FriendsCommand
{
    public static Command Create(TimeProvider time)
    {
        Option<int> connections = ScenarioCommand.Option("--connections", "Users, each on one connection", 1_000);
        Option<int> watches = ScenarioCommand.Option("--watch", "Others that each of them watches", 20);
        Option<double> flips = ScenarioCommand.Option("--flips", "Status changes a second, over all users", 100.0);
        return ScenarioCommand.Create(
            "friends",
            "Users who watch each other and change their status now and then",
            [connections, watches, flips],
            parse => new FriendsOptions(parse.GetValue(connections), parse.GetValue(watches), parse.GetValue(flips)),
            static (options, context) => new FriendsScenario(options, context).Run(),
            time);
    }
}
