using System.Globalization;
using Presence.Scenarios.Clients;
using Presence.Scenarios.Results;
using Presence.Scenarios.Rows;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Growth;

/// <summary><c>growth-watches</c>: what a watch weighs, the more of them a session has.</summary>
internal sealed class WatchesGrowth : IGrowth
{
    private const ulong Pool = 1UL << 40;
    private const ulong WarmPool = 1UL << 41;
    private const int MostConnections = 14_000;
    private const int Warming = 500;
    private const int WatchesWarming = 200;
    private const int Watches = 2_200_000;
    private const double MiB = 1 << 20;

    private static readonly GrowthTable _table = new(
        "watches of a session · watchers of each user",
        ["bytes of RSS a watch", "of tables"],
        ["tables, budget", "sessions", "watches", "users watched", "RSS grew by MiB", "managed heap grew by MiB"],
        $"Over direct connections to a server of one shard, a fresh one for each row. The connections come up first, and {Warming} more that watch "
        + $"{WatchesWarming} each; what the resident memory grows by when the others send their Watch frames is divided by their watches. The users "
        + "who are watched do not come, so none of it is theirs. It is read as for idle-memory. Tables are what the shard says of itself "
        + "(`presencectl shards`), with the parts of them that are not resident yet; the managed heap is what the node says of itself (`presencectl "
        + "node`). The budget is the watch index's, which the tables are: 40 bytes at 1.3 watchers of a user, 16 at 20.");

    public string Name => "growth-watches";

    public string Heading => "Growth with the watches of a session";

    public (string Body, bool IsRight) Measure(Provenance provenance)
    {
        (double Watchers, int Budget)[] shared = [(1.3, 40), (20, 16)];
        int[] sizes = [10, 100, 1_000];
        GrowthRow[][] groups = [.. shared.Select(group => sizes.Select(size => Row(size, group.Watchers, group.Budget)).ToArray())];
        return (_table.Render(groups, provenance), true);
    }

    private static GrowthRow Row(int size, double watchers, int budget)
    {
        int sessions = Math.Min(MostConnections, Watches / size);
        long watches = (long)sessions * size;
        long users = (long)(watches / watchers);
        (long bytes, OwnWords own) = Grown(sessions, size, users);
        Console.Error.WriteLine(Text($"{size} watches, {watchers} watchers each: {bytes} bytes of {watches}, {own}"));
        return new GrowthRow(
            Text($"{size:N0} · {watchers}"),
            [bytes / (double)watches, own.Tables / (double)watches],
            [own.Tables <= budget * watches ? Text($"≤ {budget}, met") : Text($"≤ {budget}, **missed**"), Text($"{sessions:N0}"), Text($"{watches:N0}"), Text($"{users:N0}"), Text($"{bytes / MiB:0.0}"), Text($"{own.ManagedHeap / MiB:0.0}")],
            Text($"the tables are flat; of the {bytes / MiB:0.0} MiB, {own.ManagedHeap / MiB:0.0} are the managed heap's, which are not the watches'."));
    }

    private static (long Bytes, OwnWords Own) Grown(int sessions, int size, long users)
    {
        using Subject server = Subject.StartServer(Door.Tcp, "Presence:Shards=1");
        using var fleet = new Fleet(server, server.Tokens);
        fleet.BringUp(sessions, static _ => []);
        fleet.BringUp(Warming, static user => Slots(WarmPool, ((long)user - 1) * WatchesWarming, WatchesWarming, long.MaxValue));
        // Before the memory is read: the first question has the server compile what answers it.
        OwnWords ownBefore = OwnWords.Of(server);
        long before = SettledMemory.Read(fleet, server.Meter);
        fleet.Watch(sessions, client => Slots(Pool, (long)client * size, size, users));
        return (SettledMemory.Read(fleet, server.Meter) - before, OwnWords.Of(server) - ownBefore);
    }

    // Slots in a row are users in a row, round and round: every user has as many watchers as any other, or one more.
    private static ulong[] Slots(ulong pool, long first, int count, long users) =>
        [.. Enumerable.Range(0, count).Select(n => pool + (ulong)((first + n) % users))];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
