using Presence.LoadClient.Connections;
using Presence.Scenarios.Clients;
using Presence.Scenarios.Results;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Rows;

/// <summary>What an idle connection adds to the server.</summary>
internal sealed class IdleMemory : IRow
{
    private const int Connections = 15_000;
    private const int Warming = 500;
    private const int Watches = 20;
    private const int SettleLooks = 20;

    private static readonly TimeSpan _betweenLooks = TimeSpan.FromSeconds(1);

    private static readonly Line _line = new(
        "RSS growth per idle authenticated TCP connection with 20 watches, 15,000 connections",
        "bytes",
        "bare .NET socket with one receive pending",
        Budget.AtMostOurs(7_168, "≤ 7 KB (aim 4 KB)"));

    public string Name => "idle-memory";

    public string Method =>
        $"VmRSS of the server with {Warming} sessions (code compiled, pools filled) is subtracted from VmRSS "
        + $"with {Connections} more, each watching {Watches} users drawn from all. Both are read when three readings a second apart differ "
        + $"by less than 0.5 %, after {SettleLooks} s at the latest; no collection is forced.";

    public IReadOnlyList<Figure> Measure()
    {
        using Subject server = Subject.StartServer();
        double ours = Growth(server, server.Tokens);
        using Subject bare = Subject.StartBareSockets();
        return [new Figure(_line, ours, Growth(bare, null))];
    }

    private static double Growth(Subject subject, UserTokens? tokens)
    {
        using var fleet = new Fleet(subject, tokens);
        var random = new Random(1);
        fleet.BringUp(Warming, user => Draw(user, random));
        long before = SettledRss(fleet, subject.Meter);
        fleet.BringUp(Connections, user => Draw(user, random));
        return (SettledRss(fleet, subject.Meter) - before) / (double)Connections;
    }

    private static ulong[] Draw(ulong user, Random random)
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

    private static long SettledRss(Fleet fleet, ProcessMeter meter)
    {
        Queue<long> looks = new();
        for (int i = 0; i < SettleLooks; i++)
        {
            // Updates still come in; a client that does not read them would be held by the server as congested.
            TimeSpan next = fleet.Loop.Now + _betweenLooks;
            fleet.Until(() => fleet.Loop.Now >= next);
            looks.Enqueue(meter.Rss);
            if (looks.Count > 3)
            {
                looks.Dequeue();
            }

            if (looks.Count == 3 && looks.Max() - looks.Min() < looks.Max() / 200)
            {
                break;
            }
        }

        return meter.Rss;
    }
}
