using System.CommandLine;
using Presence.LoadClient.Commands;

namespace Presence.LoadClient.Scenarios.Read;

/// <summary><c>LoadClient read</c></summary>
internal static class ReadCommand
{
    public static Command Create(TimeProvider time)
    {
        Option<int> connections = ScenarioCommand.Option("--connections", "Readers, each on one connection", 16);
        Option<int> users = ScenarioCommand.Option("--users", "Users with a session, whom the readers ask about", 1_000);
        Option<double> reads = ScenarioCommand.Option("--reads", "User ids asked about a second, over all readers", 10_000.0);
        Option<int> ids = ScenarioCommand.Option("--ids-per-query", "User ids in one frame", 16);
        Option<double> flips = ScenarioCommand.Option("--flips", "Status changes of the users a second meanwhile, over all of them", 10.0);
        return ScenarioCommand.Create(
            "read",
            "Questions about users, whose answers are checked",
            [connections, users, reads, ids, flips],
            parse => new ReadOptions(
                parse.GetValue(connections), parse.GetValue(users), parse.GetValue(reads), parse.GetValue(ids), parse.GetValue(flips)),
            static (options, context) => new ReadScenario(options, context).Run(),
            time);
    }
}
