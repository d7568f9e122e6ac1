using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>
/// Three nodes, a gateway that goes from one to another, and leases that are renewed at any, while links between nodes are cut and rings change, as random numbers say. In the end all is well again, and everybody sees the truth: of
/// each user what its gateway and its lease said last. As <see cref="NodesByChanceTests"/>.
/// </summary>
public sealed class LinksByChanceTests
{
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
        private const int Users = 6;
        private const int Nodes = 3;
        private const ulong FirstWatcher = 500;
        private const long HeardWithinMs = 3_000;

        private static readonly Status[] s_said = [Status.Online, Status.Away, Status.Busy];
        private static readonly DeviceKinds[] s_kinds = [DeviceKinds.Web, DeviceKinds.Mobile, DeviceKinds.Tablet];

        private readonly NodesWorld _nodes = new(2, 1, 2);
        private readonly FakeConnection[] _watchers;
        private readonly FakeLink[] _links;
        private readonly Dictionary<ulong, (Status Status, DeviceKinds Kinds)> _set = [];
        private readonly Dictionary<ulong, (Status Status, int Node)> _leases = [];
        private readonly HashSet<int> _lingering = [];
        private int _at;
        private bool _isLate;

        // All that was said is heard when all has been well for so long.
        private long _heardAfterMs;

        public Run()
        {
            _watchers = [.. Enumerable.Range(0, Nodes).Select(node => _nodes[node].Watcher(FirstWatcher + (ulong)node, [.. All]))];
            _links = [.. Enumerable.Range(0, Nodes).Select(node => new FakeLink(_nodes[node]))];
            Open(0);
        }

        private static IEnumerable<ulong> All => Enumerable.Range(1, Users).Select(static user => (ulong)user);

        public void Dispose() => _nodes.Dispose();

        public void Do(int act, int which)
        {
            ulong user = (ulong)(which % Users) + 1;
            int node = which / 10 % Nodes, other = which / 30 % Nodes;
            switch (act)
            {
                case < 20:
                    _set[user] = (s_said[which / 90 % 3], s_kinds[which / 7 % 3]);
                    _links[_at].Up(_set[user].Status, _set[user].Kinds, user);
                    break;
                case < 25:
                    _set.Remove(user);
                    _links[_at].Down(user);
                    break;
                case < 35 when node != _at:
                    Move(node, lingers: which % 3 == 0);
                    break;
                case < 40:
                    _links[_at].End();
                    Advance(which % 10_000);
                    _links[_at].Begin(resumed: true);
                    break;
                case < 50:
                    _leases[user] = (s_said[which / 90 % 3], node);
                    Renew(user);
                    break;
                case < 60:
                    _nodes.Cut.Add((node, other));
                    _heardAfterMs = HeardWithinMs;
                    break;
                case < 68:
                    _nodes.Cut.Clear();
                    break;
                case < 76:
                    ChangeRing(which);
                    break;
                default:
                    Advance(which % 3_000);
                    break;
            }

            _nodes.Settle();
        }

        public void ComeToRest()
        {
            _nodes.Cut.Clear();
            CatchUp();
            foreach (int node in _lingering)
            {
                _links[node].End();
            }

            _lingering.Clear();
            for (int i = 0; i < 14; i++)
            {
                Advance(10_000);
            }
        }

        public void AssertTruth()
        {
            foreach (ulong user in All)
            {
                (Status status, DeviceKinds kinds) = _set.GetValueOrDefault(user, (Status.Offline, DeviceKinds.None));
                status = (Status)Math.Max((int)status, (int)_leases.GetValueOrDefault(user, (Status: Status.Offline, Node: 0)).Status);
                (Status, DeviceKinds, ulong)[] seen = [.. _watchers.Select(watcher => (watcher.StatusOf(user), watcher.KindsOf(user), watcher.VersionOf(user))).Distinct()];
                Assert.True(seen is [var one] && (one.Item1, one.Item2) == (status, kinds), $"{user} is {status} {kinds}, seen as {string.Join(' ', seen)}");
            }

            Assert.Equal(_set.Count, _links.Sum(static link => link.Users));
        }

        private void Move(int node, bool lingers)
        {
            if (_heardAfterMs > 0)
            {
                // What homes have not heard from where it was, nobody knows where it comes.
                _nodes.Cut.Clear();
                CatchUp();
                Advance(HeardWithinMs);
            }

            if (lingers)
            {
                _lingering.Add(_at);
            }
            else
            {
                _links[_at].End();
            }

            _nodes.Advance(100);
            Open(node);
        }

        private void Open(int node)
        {
            if (_lingering.Remove(node))
            {
                _links[node].End();
            }

            _at = node;
            _links[node].Begin();
            // All is as it was.
            _links[node].Beat([.. _set.Keys]);
            _links[node].Complete();
            _nodes.Settle();
        }

        private void Renew(ulong user)
        {
            _nodes[_leases[user].Node].Lease(user, _leases[user].Status);
            _nodes.Settle();
        }

        private void ChangeRing(int which)
        {
            CatchUp();
            _heardAfterMs = HeardWithinMs;
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
            _heardAfterMs = _nodes.Cut.Count > 0 || _isLate ? HeardWithinMs : _heardAfterMs - ms;
            _links[_at].Beat([.. _set.Keys]);
            foreach (ulong user in _leases.Keys)
            {
                Renew(user);
            }

            Array.ForEach(_watchers, static watcher => watcher.Heard());
        }
    }
}
