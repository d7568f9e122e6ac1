using System.CommandLine;
using System.Globalization;
using Presence.Admin.V1;
using Presence.Ctl.Output;
using Spectre.Console;

namespace Presence.Ctl.Commands;

/// <summary><c>node</c>: the process itself, its memory and its garbage collector.</summary>
internal static class NodeCommand
{
    private static readonly (string Name, Func<GetNodeResponse, string> Read)[] Figures =
    [
        ("version", static node => Screen.Clean(node.Version)),
        ("process", static node => Times.Invariant(node.ProcessId)),
        ("up for", static node => TimeSpan.FromSeconds(node.UptimeMs / 1_000).ToString("c", CultureInfo.InvariantCulture)),
        ("CPU time", static node => Times.Seconds(node.CpuTimeMs)),
        ("resident memory", static node => MiB(node.RssBytes)),
        ("managed heap (after GC · committed)", static node => $"{MiB(node.ManagedHeapBytes)} · {MiB(node.ManagedCommittedBytes)}"),
        ("of it (gen 0 · 1 · 2 · large · pinned)", static node => string.Join(" · ", node.ManagedGenerationBytes.Select(MiB))),
        ("collections (gen 0 · 1 · 2)", static node => string.Join(" · ", node.Collections)),
        ("GC pauses (longest · in all)", static node => $"{Millis(node.GcPauseLongestUs)} · {Millis(node.GcPauseTotalUs)}"),
        ("longest turn of a shard", static node => Millis(node.TurnLongestUs)),
        ("handshakes/s (plain · TLS)", static node => $"{node.HandshakesPerSecond} · {(node.TlsHandshakesPerSecond == 0 ? "off" : Times.Invariant(node.TlsHandshakesPerSecond))}"),
        ("handshakes told to come later (waiting · in all)", static node => $"{node.HandshakesWaiting} · {node.HandshakesDeferred}"),
    ];

    public static Command Create()
    {
        var options = new AdminOptions();
        var command = new Command("node", "Shows the node's process: version, time up, memory, and what the garbage collector made it wait.");
        options.AddTo(command);
        command.SetAction(async (parse, cancelled) =>
        {
            using AdminConnection admin = options.Connect(parse);
            GetNodeResponse node = await admin.Service.GetNodeAsync(new(), admin.Question(cancelled));
            if (options.Json(parse))
            {
                Console.Out.WriteLine(Json.Of(node));
            }
            else
            {
                Screen.Write(TableOf(node));
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    private static Table TableOf(GetNodeResponse node)
    {
        Table table = Screen.NewTable("node", "").HideHeaders();
        foreach ((string name, Func<GetNodeResponse, string> read) in Figures)
        {
            table.AddRow([new Text(name), new Text(read(node))]);
        }

        return table;
    }

    private static string MiB(ulong bytes) => (bytes / 1024.0 / 1024.0).ToString("#,0.0 MiB", CultureInfo.InvariantCulture);

    private static string Millis(ulong microseconds) => (microseconds / 1_000.0).ToString("0.0 ms", CultureInfo.InvariantCulture);
}
