using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>
/// Three nodes on which users come, change and go while links are cut, rings change and some hear of it late, as random numbers say. In the end all is well again, and everybody sees the truth: of each user what its devices that
/// are connected said last.
/// </summary>
public sealed class NodesByChanceTests
{
    // The same in every run of the tests; PRESENCE_SEEDS=FROM,COUNT tries others.
    private static readonly int[] s_seeds = [.. (Environment.GetEnvironmentVariable("PRESENCE_SEEDS") ?? "1,80").Split(',').Select(int.Parse)];

    [Fact]
    public void In_the_end_all_see_the_truth()
    {
        List<string> wrong = [];
        foreach (int seed in Enumerable.Range(s_seeds[0], s_seeds[1]))
        {
            try
            {
                Try(seed);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                wrong.Add($"seed {seed}: {e.Message}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    private static void Try(int seed)
    {
        var random = new Random(seed);
        using var run = new Run();
        for (int left = random.Next(60); left > 0; left--)
        {
            run.Do(random.Next(100), random.Next(10_000));
        }

        run.ComeToRest();
        run.AssertTruth();
    }

    private sealed class Run : IDisposable
    {
        private const int Users = 5;
        private const int Nodes = 3;
        private const ulong FirstWatcher = 500;

        private static readonly Status[] _said = [Status.Online, Status.Away, Status.Busy, Status.Invisible];

        private readonly NodesWorld _nodes = new(2, 1, 2);
        private readonly Dictionary<(ulong User, ulong Device), Client> _clients = [];
        private readonly HashSet<ulong> _invisible = [];
        private readonly FakeConnection[] _watchers;
        private bool _isLate;
        private ulong _request = 100;

        public Run()
        {
            _watchers = [.. Enumerable.Range(0, Nodes).Select(node => _nodes[node].Watcher(FirstWatcher + (ulong)node, [.. All]))];
            _nodes.Settle();
        }

        private static IEnumerable<ulong> All => Enumerable.Range(1, Users).Select(static user => (ulong)user);

        public void Dispose() => _nodes.Dispose();

        public void Do(int act, int which)
        {
            ulong user = (ulong)(which % Users) + 1, device = (ulong)(which / Users % 2) + 1;
            int node = which / 10 % Nodes, other = which / 30 % Nodes;
            switch (act)
            {
                case < 25:
                    Connect(user, device, node, _said[which / 90 % 3], lingers: which % 7 == 0);
                    break;
                case < 45 when _clients.TryGetValue((user, device), out Client? client) && client.Connection is { } connection:
                    Use(user, client, connection, act, which);
                    break;
                case < 55:
                    _nodes.Cut.Add((node, other));
                    break;
                case < 65:
                    _nodes.Cut.Clear();
                    break;
                case < 75:
                    ChangeRing(which);
                    break;
                default:
                    Advance(which % 3_000);
                    break;
            }
        }

        public void ComeToRest()
        {
            _nodes.Cut.Clear();
            CatchUp();
            foreach (Client client in _clients.Values)
            {
                client.Lingering.ForEach(static connection => connection.Lose());
                client.Lingering.Clear();
            }

            for (int i = 0; i < 14; i++)
            {
                Advance(10_000);
            }
        }

        public void AssertTruth()
        {
            foreach (ulong user in All)
            {
                Status truth = _invisible.Contains(user)
                    ? Status.Offline
                    : _clients.Where(client => client.Key.User == user && client.Value.Connection is not null).Select(static client => client.Value.Said).DefaultIfEmpty(Status.Offline).Max();
                Assert.Equal($"{user} {truth} {truth} {truth}", $"{user} {string.Join(' ', _watchers.Select(watcher => watcher.StatusOf(user)))}");
                Assert.Single(_watchers.Select(watcher => watcher.VersionOf(user)).Distinct());
            }
        }

        private void Connect(ulong user, ulong device, int node, Status status, bool lingers)
        {
            if (!_clients.TryGetValue((user, device), out Client? client))
            {
                _clients[(user, device)] = client = new Client();
            }

            if (client.Connection is { } before)
            {
                if (lingers)
                {
                    client.Lingering.Add(before);
                }
                else
                {
                    before.Lose();
                }
            }

            client.Connection = _nodes[node].Connect(user, device, status, resumes: client.Session);
            client.Said = status;
            client.Session = client.Connection.Welcome?.SessionId ?? client.Session;
            _nodes.Settle();
        }

        private void Use(ulong user, Client client, FakeConnection connection, int act, int which)
        {
            switch (act)
            {
                case < 30:
                    connection.Lose();
                    client.Connection = null;
                    break;
                case < 33:
                    connection.Goodbye();
                    client.Connection = null;
                    break;
                default:
                    Status said = _said[which / 90 % _said.Length];
                    connection.SetStatus(++_request, said);
                    _nodes.Advance(100);
                    if (!connection.IsAcked(_request))
                    {
                        // Nobody has promised anything: say it again until somebody does.
                        _nodes.Cut.Clear();
                        CatchUp();
                        Advance(3_000);
                        connection.SetStatus(++_request, said);
                        _nodes.Advance(100);
                        Assert.True(connection.IsAcked(_request), $"{said} of {user} is not answered: {connection.ClosedWith} {string.Join(' ', connection.Errors)} home {_nodes.HomeOf(user)}");
                    }

                    if (said == Status.Invisible)
                    {
                        _invisible.Add(user);
                    }
                    else
                    {
                        _invisible.Remove(user);
                        client.Said = said;
                    }

                    break;
            }

            _nodes.Settle();
        }

        private void ChangeRing(int which)
        {
            CatchUp();
            int[] members = [.. Enumerable.Range(0, Nodes).Where(node => (((which % 7) + 1) >> node & 1) == 1)];
            int late = which / 7 % (Nodes + 1);
            _isLate = late < Nodes;
            // All of a node, or one shard of it.
            _nodes.FollowLate(late, _isLate && which % 2 == 0 ? which / 28 % _nodes[late].Shards.Length : -1, members);
        }

        private void CatchUp()
        {
            if (_isLate)
            {
                _isLate = false;
                _nodes.CatchUp();
            }
        }

        private void Advance(long ms)
        {
            _nodes.Advance(ms);
            foreach (FakeConnection connection in _clients.Values.Select(static client => client.Connection).OfType<FakeConnection>().Concat(_watchers))
            {
                connection.Heard();
            }
        }

        private sealed class Client
        {
            public FakeConnection? Connection { get; set; }

            public Status Said { get; set; }

            public ulong Session { get; set; }

            // Left, but not known to be gone where they were.
            public List<FakeConnection> Lingering { get; } = [];
        }
    }
}
