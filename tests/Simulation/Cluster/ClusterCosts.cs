using System.CommandLine;
using System.Globalization;
using Presence.Engine;

namespace Presence.Simulation;

/// <summary>What nodes say to each other while the same clients do the same on ever more of them, as a table.</summary>
internal static class ClusterCosts
{
    private const int Clients = 600;
    private const long WarmUpMs = 15_000;
    private const long LengthMs = 60_000;

    private static readonly int[] s_nodes = [3, 5, 7, 9];

    public static Command Create()
    {
        var command = new Command("costs", "Prints what a node says to others while the same clients do the same on 3, 5, 7 and 9 nodes.");
        command.SetAction(static _ =>
        {
            Console.WriteLine("| nodes | updates to clients, all, 1/s | batches sent by a node, 1/s | changes sent, 1/s | changes taken, 1/s | things said in all, 1/s |\n|---|---|---|---|---|---|");
            foreach (int nodes in s_nodes)
            {
                Console.WriteLine(RowOf(nodes));
            }
        });
        return command;
    }

    private static string RowOf(int nodes)
    {
        ClusterSettings settings = SettingsOf(nodes);
        var world = new ClusterWorld(new ClusterPlan(1, settings, [.. Enumerable.Range(0, Clients)], []));
        world.Begin();
        world.Pass(WarmUpMs);
        double[] before = CountsOf(world);
        world.Pass(LengthMs);
        double[] after = CountsOf(world);
        world.End();
        double[] rates = [.. after.Zip(before, static (now, then) => (now - then) * 1_000 / LengthMs)];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {nodes} | {rates[0]:0} | {rates[1] / nodes:0} | {rates[2] / nodes:0} | {rates[3] / nodes:0} | {rates[4] / nodes:0} |");
    }

    private static double[] CountsOf(ClusterWorld world) =>
    [
        world.Truth.Delivered,
        world.Network.Sent.Sum(static sent => sent.Batches),
        world.Network.Sent.Sum(static sent => sent.Changes),
        world.Network.Sent.Sum(static sent => sent.ChangesTaken),
        world.Network.Sent.Sum(static sent => sent.Weight),
    ];

    private static ClusterSettings SettingsOf(int nodes) => new()
    {
        Nodes = nodes,
        Shards = 2,
        Users = Clients,
        Clients = Clients,
        Options = new ShardOptions { StatusChanges = 0 },
        LatencyMs = 5,
        PeerMs = 1,
        PeerTimeoutMs = 3_000,
        ClocksMs = 0,
        NoticeMs = 2_000,
        SuspectMs = 6_000,
        ViewMs = 20,
        ShipMs = 200,
        StoreMs = 3,
        SyncMs = 2,
        StartTakesMs = 50,
        ActsWithinMs = 2_000,
        LengthMs = LengthMs,
    };
}
