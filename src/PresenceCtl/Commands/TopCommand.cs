using System.CommandLine;
using Presence.Admin.V1;
using Presence.Ctl.Output;
using Spectre.Console;

namespace Presence.Ctl.Commands;

/// <summary><c>top</c>: the whole cluster, once a second, until it is interrupted.</summary>
internal static class TopCommand
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var rounds = new Option<int?>("--rounds") { Description = "Ends after so many; by default when it is interrupted." };
        var options = new AdminOptions();
        var command = new Command("top", "Shows every node of the cluster as 'nodes' does, once a second.") { rounds };
        options.AddTo(command);
        command.SetAction(async (parse, cancelled) =>
        {
            using AdminConnection admin = options.Connect(parse);
            Show show = options.Json(parse) ? static response => Console.Out.WriteLine(Json.Of(response)) : Print;
            int most = parse.GetValue(rounds) ?? int.MaxValue;
            bool isLive = !options.Json(parse) && AnsiConsole.Profile.Out.IsTerminal;
            await (isLive ? LiveAsync(admin, most, cancelled) : EachAsync(admin, most, show, cancelled));
            return ExitCodes.Ok;
        });
        return command;
    }

    private delegate void Show(ListNodesResponse response);

    private static Task LiveAsync(AdminConnection admin, int most, CancellationToken cancelled) =>
        AnsiConsole.Live(new Text("")).StartAsync(live => EachAsync(admin, most, response => live.UpdateTarget(NodesTable.Of(response.Nodes)), cancelled));

    private static async Task EachAsync(AdminConnection admin, int most, Show show, CancellationToken cancelled)
    {
        using var timer = new PeriodicTimer(s_every);
        for (int round = 1; ; round++)
        {
            show(await admin.Service.ListNodesAsync(new(), admin.Question(cancelled)));
            if (round >= most || !await timer.WaitForNextTickAsync(cancelled))
            {
                return;
            }
        }
    }

    private static void Print(ListNodesResponse response)
    {
        Screen.Write(NodesTable.Of(response.Nodes));
        Console.Out.Flush();
    }
}
