using System.CommandLine;
using Presence.Admin.V1;
using Presence.Ctl.Output;
using Spectre.Console;

namespace Presence.Ctl.Commands;

/// <summary><c>shards</c>: what each shard holds and how fast it turns.</summary>
internal static class ShardsCommand
{
    public static Command Create()
    {
        var options = new AdminOptions();
        var command = new Command("shards", "Shows every shard of the node: load, depth of its inbox, loop lag, rates over the last ten seconds.");
        options.AddTo(command);
        command.SetAction(async (parse, cancelled) =>
        {
            using AdminConnection admin = options.Connect(parse);
            ListShardsResponse response = await admin.Service.ListShardsAsync(new(), admin.Question(cancelled));
            if (options.Json(parse))
            {
                Console.Out.WriteLine(Json.Of(response));
            }
            else
            {
                Screen.Write(TableOf(response.Shards));
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    // A row a figure and a column a shard: figures are many, and shards are as many as cores.
    private static Table TableOf(IReadOnlyList<ShardInfo> shards)
    {
        Table table = Screen.NewTable("shard");
        foreach (ShardInfo shard in shards)
        {
            table.AddColumn(new TableColumn(Times.Invariant(shard.Shard)).RightAligned());
        }

        foreach ((string name, Func<ShardInfo, string> read) in Figures)
        {
            table.AddRow([name, .. shards.Select(read)]);
        }

        return table;
    }

    private static readonly (string Name, Func<ShardInfo, string> Read)[] Figures =
    [
        ("connections", static shard => Number(shard.Connections)),
        ("sessions", static shard => Number(shard.Sessions)),
        ("sessions on links", static shard => Number(shard.LinkSessions)),
        ("users", static shard => Number(shard.Users)),
        ("watches", static shard => Number(shard.Watches)),
        ("watched users", static shard => Number(shard.WatchedUsers)),
        ("inbox (liveness + reads)", static shard => $"{Number(shard.InboxLiveness)} + {Number(shard.InboxReads)}"),
        ("wheel load", static shard => Number(shard.Deadlines)),
        ("fan-outs under way", static shard => Number(shard.Fanouts)),
        ("delayed statuses", static shard => Number(shard.DelayedStatuses)),
        ("tables", static shard => $"{shard.MemoryBytes / 1024.0 / 1024.0:0.0} MiB"),
        ("loop lag, mean", static shard => Micros(shard.LoopLagMeanUs)),
        ("loop lag, longest", static shard => Micros(shard.LoopLagMaxUs)),
        ("turns/s", static shard => Rate(shard.TurnsPerSecond)),
        ("heartbeats/s", static shard => Rate(shard.HeartbeatsPerSecond)),
        ("transitions/s", static shard => Rate(shard.TransitionsPerSecond)),
        ("deliveries/s", static shard => Rate(shard.DeliveriesPerSecond)),
        ("transitions", static shard => Number(shard.Transitions.Values.Aggregate(0UL, static (sum, count) => sum + count))),
        ("sessions opened / resumed", static shard => $"{Number(shard.SessionsOpened)} / {Number(shard.SessionsResumed)}"),
        ("slow consumers", static shard => Number(shard.SlowConsumers)),
        ("gaps", static shard => $"{Number(shard.Gaps)} ({shard.SkippedMs / 1000.0:0.0} s)"),
        ("recovering for", static shard => $"{shard.RecoveringForMs / 1000.0:0.0} s"),
    ];

    private static string Number(ulong value) => value.ToString("N0", System.Globalization.CultureInfo.InvariantCulture);

    private static string Rate(double value) => value.ToString("N1", System.Globalization.CultureInfo.InvariantCulture);

    private static string Micros(ulong value) => value < 10_000 ? $"{value} µs" : $"{value / 1000.0:0.0} ms";
}
