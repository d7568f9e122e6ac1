using System.CommandLine;
using Presence.Admin.V1;
using Presence.Ctl.Output;

namespace Presence.Ctl.Commands;

/// <summary><c>nodes</c>: every node of the cluster.</summary>
internal static class NodesCommand
{
    public static Command Create()
    {
        var options = new AdminOptions();
        var command = new Command("nodes", "Shows every node of the cluster: whether it is in the ring, what it holds and does.");
        options.AddTo(command);
        command.SetAction(async (parse, cancelled) =>
        {
            using AdminConnection admin = options.Connect(parse);
            ListNodesResponse response = await admin.Service.ListNodesAsync(new(), admin.Question(cancelled));
            if (options.Json(parse))
            {
                Console.Out.WriteLine(Json.Of(response));
            }
            else
            {
                Screen.Write(NodesTable.Of(response.Nodes));
            }

            return ExitCodes.Ok;
        });
        return command;
    }
}
