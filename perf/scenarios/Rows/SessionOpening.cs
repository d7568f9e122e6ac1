using Presence.Scenarios.Clients;
using Presence.Scenarios.Results;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Rows;

/// <summary>What a session costs to open: the connection, the token, the watches; and to lose again.</summary>
internal sealed class SessionOpening : IRow
{
    private const int Sessions = 2_000;
    private const int Watches = 20;
    private const ulong Absent = 1UL << 40;
    private const int Absentees = 100_000;
    private const int WarmUp = 20;
    private const int Rounds = 8;

    private static readonly Line _line = new(
        $"sessions opened (connect, HS256 token, {Watches} watches) per server CPU-second",
        "1/s",
        "perf/limit/epoll_reader (no token, no watch)",
        Budget.AtLeastOurs(6_000, "≥ 6 K (aim 11 K)"));

    public string Name => "session-opening";

    public string Method =>
        $"{Sessions} sessions of new users are opened, each watching {Watches} users who do not come, and closed when all are up; "
        + $"{Rounds} times, by turns with the limit, after {WarmUp} that do not count. Tokens are minted by the generator, one for each.";

    public IReadOnlyList<Figure> Measure()
    {
        Subject server = Subject.StartServer();
        using var ours = new Load(server);
        using var limit = new Load(Subject.StartLimit("epoll_reader"));
        string profile = Pair.Measure(ours, limit, server.Meter, WarmUp, Rounds, static (load, counts) => load.Round(counts));
        return [Pair.Compare(_line, ours, limit, static load => load.Cost.EventsPerSecond, profile)];
    }

    private sealed class Load(Subject subject) : IDisposable
    {
        private readonly Random _random = new(1);
        private ulong _nextUser = 1;

        public CpuCost Cost { get; } = new(subject.Meter);

        public void Round(bool counts) => Cost.Add(counts, Round);

        public void Dispose() => subject.Dispose();

        private long Round()
        {
            ulong first = _nextUser;
            _nextUser += Sessions;
            using var fleet = new Fleet(subject, subject.Tokens) { FirstUser = first };
            fleet.BringUp(Sessions, _ => Draw());
            return Sessions;
        }

        private ulong[] Draw()
        {
            HashSet<ulong> watches = [];
            while (watches.Count < Watches)
            {
                watches.Add(Absent + (ulong)_random.Next(Absentees));
            }

            return [.. watches];
        }
    }
}
