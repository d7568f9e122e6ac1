using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Presence.LoadClient.Commands;
using Presence.LoadClient.Connections;
using Presence.LoadClient.Scenarios.Friends;

namespace Presence.LoadClient.Scenarios.Hostile;

/// <summary><c>LoadClient hostile</c></summary>
internal static class HostileCommand
{
    public static Command Create(TimeProvider time)
    {
        Option<int> connections = ScenarioCommand.Option("--connections", "Users who mean well, each on one connection", 5_000);
        Option<int> watches = ScenarioCommand.Option("--watch", "Others of them that each watches", 20);
        Option<double> flips = ScenarioCommand.Option("--flips", "Status changes a second, over all of them", 500.0);
        Option<string> attacks = ScenarioCommand.Option("--attacks", "Kinds of attack, with commas; all there are", "");
        Option<double> share = ScenarioCommand.Option("--share", "0 to 0.9: of all connections, those that are hostile", 0.05);
        Option<TimeSpan> calm = ScenarioCommand.Duration("--calm", "How long those who mean well are measured alone before", TimeSpan.FromMinutes(1));
        Option<TimeSpan> patience = ScenarioCommand.Duration(
            "--patience", "How long a connection may live that the server has to end: its time-out of handshakes, or of slow readers, and a while", TimeSpan.FromSeconds(30));
        var webSocket = new Option<IPEndPoint?>("--websocket")
        {
            Description = "HOST:PORT of the WebSocket listener, to be attacked too",
            CustomParser = ParseEndPoint,
        };
        return ScenarioCommand.Create(
            "hostile",
            "Users who watch each other, alone and then beside clients that attack the server in every way",
            [connections, watches, flips, attacks, share, calm, patience, webSocket],
            parse => new HostileOptions(
                new FriendsOptions(parse.GetValue(connections), parse.GetValue(watches), parse.GetValue(flips)),
                parse.GetValue(attacks)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                parse.GetValue(share),
                parse.GetValue(calm),
                parse.GetValue(patience),
                parse.GetValue(webSocket)),
            Run,
            time);
    }

    private static HostileReport Run(HostileOptions options, RunContext context)
    {
        using var scenario = new HostileScenario(options, context);
        return scenario.Run();
    }

    private static IPEndPoint? ParseEndPoint(ArgumentResult result)
    {
        Servers? servers = Servers.Parse(result.Tokens[0].Value, out string error);
        if (servers is null)
        {
            result.AddError(error);
        }

        return servers?.EndPoints[0];
    }
}
