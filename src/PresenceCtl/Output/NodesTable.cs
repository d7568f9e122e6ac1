using System.Globalization;
using Presence.Admin.V1;
using Spectre.Console;

namespace Presence.Ctl.Output;

/// <summary>Nodes as a table, a row each, with their sum.</summary>
internal static class NodesTable
{
    private static readonly (string Name, Func<NodeSummary, string> Read)[] s_figures =
    [
        ("up for", static node => TimeSpan.FromSeconds(node.UptimeMs / 1_000).ToString("c", CultureInfo.InvariantCulture)),
        ("memory", static node => (node.RssBytes / 1024.0 / 1024.0).ToString("#,0 MiB", CultureInfo.InvariantCulture)),
        ("connections", static node => Number(node.Connections)),
        ("sessions", static node => Number(node.Sessions)),
        ("users", static node => Number(node.Users)),
        ("heartbeats/s", static node => Rate(node.HeartbeatsPerSecond)),
        ("changes/s", static node => Rate(node.TransitionsPerSecond)),
        ("deliveries/s", static node => Rate(node.DeliveriesPerSecond)),
        ("loop lag", static node => (node.LoopLagMaxUs / 1_000.0).ToString("0.0 ms", CultureInfo.InvariantCulture)),
    ];

    public static Table Of(IReadOnlyList<NodeSummary> nodes)
    {
        Table table = Screen.NewTable("node", "state");
        foreach ((string name, _) in s_figures)
        {
            table.AddColumn(new TableColumn(name).RightAligned());
        }

        foreach (NodeSummary node in nodes)
        {
            bool answers = node.Problem.Length == 0;
            table.AddRow([new Text(Screen.Clean(node.NodeId)), new Text(State(node)), .. s_figures.Select(figure => new Text(answers ? figure.Read(node) : ""))]);
        }

        if (nodes.Count > 1)
        {
            AddSum(table, nodes);
        }

        return table;
    }

    private static void AddSum(Table table, IReadOnlyList<NodeSummary> nodes)
    {
        var sum = new NodeSummary
        {
            RssBytes = nodes.Aggregate(0UL, static (all, node) => all + node.RssBytes),
            Connections = (uint)nodes.Sum(static node => node.Connections),
            Sessions = nodes.Aggregate(0UL, static (all, node) => all + node.Sessions),
            Users = nodes.Aggregate(0UL, static (all, node) => all + node.Users),
            HeartbeatsPerSecond = nodes.Sum(static node => node.HeartbeatsPerSecond),
            TransitionsPerSecond = nodes.Sum(static node => node.TransitionsPerSecond),
            DeliveriesPerSecond = nodes.Sum(static node => node.DeliveriesPerSecond),
            LoopLagMaxUs = nodes.Max(static node => node.LoopLagMaxUs),
        };
        // Of times up there is no sum.
        table.AddRow([new Text("all"), new Text(""), new Text(""), .. s_figures.Skip(1).Select(figure => new Text(figure.Read(sum)))]);
    }

    private static string State(NodeSummary node) => node switch
    {
        { Problem.Length: > 0 } => Screen.Clean(node.Problem),
        { IsActive: false } => "leaving",
        { IsWarming: true } => "warming",
        _ => "active",
    };

    private static string Number(ulong value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Rate(double value) => value.ToString("N1", CultureInfo.InvariantCulture);
}
