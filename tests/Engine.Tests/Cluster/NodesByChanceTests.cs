using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>
/// Users come, change and go while links are cut, rings change and some hear of it late, as random numbers say. In the end all is well again, and everybody sees the truth: of each user what its devices that are connected said
/// last.
/// </summary>
public sealed class NodesByChanceTests
{
    [Fact]
    public void In_the_end_all_see_the_truth() => ChanceRun.TryAll(static () => new Run());

    private sealed class Run() : ChanceRun(Users)
    {
        private const int Users = 5;

        private static readonly Status[] s_said = [Status.Online, Status.Away, Status.Busy, Status.Invisible];

        private readonly Dictionary<(ulong User, ulong Device), Client> _clients = [];
        private readonly HashSet<ulong> _invisible = [];
        private ulong _request = 100;

        protected override void Do(int act, int which)
        {
            ulong user = (ulong)(which % Users) + 1, device = (ulong)(which / Users % 2) + 1;
            int node = which / 10 % NodesInAll, other = which / 30 % NodesInAll;
            switch (act)
            {
                case < 25:
                    Connect(user, device, node, s_said[which / 90 % 3], lingers: which % 7 == 0);
                    break;
                case < 45 when _clients.TryGetValue((user, device), out Client? client) && client.Connection is { } connection:
                    Use(user, client, connection, act, which);
                    break;
                case < 55:
                    Cut(node, other);
                    break;
                case < 65:
                    Nodes.Cut.Clear();
                    break;
                case < 75:
                    ChangeRing(which);
                    break;
                default:
                    Advance(which % 3_000);
                    break;
            }
        }

        protected override void End()
        {
            foreach (Client client in _clients.Values)
            {
                client.Lingering.ForEach(static connection => connection.Lose());
                client.Lingering.Clear();
            }
        }

        protected override void AssertTruth()
        {
            foreach (ulong user in All)
            {
                Status truth = _invisible.Contains(user)
                    ? Status.Offline
                    : _clients.Where(client => client.Key.User == user && client.Value.Connection is not null).Select(static client => client.Value.Said).DefaultIfEmpty(Status.Offline).Max();
                Assert.Equal($"{user} {truth} {truth} {truth}", $"{user} {string.Join(' ', Watchers.Select(watcher => watcher.StatusOf(user)))}");
                Assert.Single(Watchers.Select(watcher => watcher.VersionOf(user)).Distinct());
            }
        }

        protected override void Advance(long ms)
        {
            base.Advance(ms);
            foreach (FakeConnection connection in _clients.Values.Select(static client => client.Connection).OfType<FakeConnection>())
            {
                connection.Heard();
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

            client.Connection = Nodes[node].Connect(user, device, status, resumes: client.Session);
            client.Said = status;
            client.Session = client.Connection.Welcome?.SessionId ?? client.Session;
            Nodes.Settle();
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
                    Status said = s_said[which / 90 % s_said.Length];
                    connection.SetStatus(++_request, said);
                    Nodes.Advance(100);
                    if (!connection.IsAcked(_request))
                    {
                        // Nobody has promised anything: say it again until somebody does.
                        Heal();
                        Advance(3_000);
                        connection.SetStatus(++_request, said);
                        Nodes.Advance(100);
                        Assert.True(connection.IsAcked(_request), $"{said} of {user} is not answered: {connection.ClosedWith} {string.Join(' ', connection.Errors)} home {Nodes.HomeOf(user)}");
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

            Nodes.Settle();
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
