using Presence.Scenarios.Clients;
using Presence.Scenarios.Results;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Rows;

/// <summary>What an idle connection adds to the server.</summary>
/// <param name="Name">By which it is run alone.</param>
/// <param name="Transport">As the reader of the results calls it.</param>
/// <param name="Door">Where the clients connect.</param>
/// <param name="Scheme">Of the SDK's endpoints; null: the generator's own event loop.</param>
internal sealed record IdleMemory(string Name, string Transport, Door Door, string? Scheme, int Connections, Budget Budget) : IRow
{
    private const int Warming = 500;
    private const int Watches = 20;

    public static IdleMemory OverTcp { get; } = new(
        "idle-memory", "TCP", Door.Tcp, null, 15_000, Budget.AtMostOurs(7_168, "≤ 7 KB (aim 4 KB)"));

    public static IdleMemory OverWebSocket { get; } = new(
        "idle-memory-websocket", "WebSocket", Door.WebSocket, "ws", 15_000, Budget.AtMostOurs(12_288, "≤ 12 KB (aim 6 KB)"));

    public static IdleMemory OverHttpWebSocket { get; } = new(
        "idle-memory-websocket-http", "WebSocket (HTTP listener)", Door.Http, "ws", 5_000, Budget.Shown);

    public static IdleMemory OverTls { get; } = new(
        "idle-memory-tls", "TLS", Door.Tls, "presences", 5_000, Budget.AtMostOurs(46_080, "≤ 45 KB (aim 25 KB)"));

    public string Method =>
        $"VmRSS of the server with {Warming} sessions (code compiled, pools filled) is subtracted from VmRSS "
        + $"with {Connections} more, each watching {Watches} users drawn from all. Both are read when three readings a second apart differ "
        + $"by less than 0.5 %, after {SettledMemory.MostLooks} s at the latest; no collection is forced."
        + (Scheme is null ? "" : " The clients are the C# SDK's.");

    private Line Line => new(
        $"RSS growth per idle authenticated {Transport} connection with {Watches} watches, {Connections:N0} connections",
        "bytes",
        "bare .NET socket with one receive pending",
        Budget);

    public IReadOnlyList<Figure> Measure() => [new Figure(Line, MeasureOurs(), MeasureBare())];

    private double MeasureOurs()
    {
        using Subject server = Subject.StartServer(Door);
        using IIdleClients clients = Scheme is null ? new Fleet(server, server.Tokens) : new SdkClients(server, Scheme);
        return Growth(clients, server.Meter);
    }

    // After ours is gone: both at once are more descriptors than some systems have.
    private double MeasureBare()
    {
        using Subject bare = Subject.StartBareSockets();
        using var silent = new Fleet(bare, null);
        return Growth(silent, bare.Meter);
    }

    private double Growth(IIdleClients clients, ProcessMeter meter)
    {
        var random = new Random(1);
        clients.BringUp(Warming, user => Draw(user, random));
        long before = SettledMemory.Read(clients, meter);
        clients.BringUp(Connections, user => Draw(user, random));
        return (SettledMemory.Read(clients, meter) - before) / (double)Connections;
    }

    private ulong[] Draw(ulong user, Random random)
    {
        HashSet<ulong> watches = [];
        while (watches.Count < Watches)
        {
            ulong other = (ulong)random.Next(1, Connections + Warming + 1);
            if (other != user)
            {
                watches.Add(other);
            }
        }

        return [.. watches];
    }
}
