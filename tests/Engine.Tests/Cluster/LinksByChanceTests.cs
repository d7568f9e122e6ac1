using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>
/// A gateway goes from one node to another, and leases are renewed at any, while links between nodes are cut and rings change, as random numbers say. In the end all is well again, and everybody sees the truth: of each user what
/// its gateway and its lease said last.
/// </summary>
public sealed class LinksByChanceTests
{
    [Fact]
    public void In_the_end_all_see_the_truth() => ChanceRun.TryAll(static () => new Run());

    private sealed class Run : ChanceRun
    {
        private const int Users = 6;
        private const long HeardWithinMs = 3_000;

        private static readonly Status[] s_said = [Status.Online, Status.Away, Status.Busy];
        private static readonly DeviceKinds[] s_kinds = [DeviceKinds.Web, DeviceKinds.Mobile, DeviceKinds.Tablet];

        private readonly FakeLink[] _links;
        private readonly Dictionary<ulong, (Status Status, DeviceKinds Kinds)> _set = [];
        private readonly Dictionary<ulong, (Status Status, int Node)> _leases = [];
        private readonly HashSet<int> _lingering = [];
        private int _at;

        // All that was said is heard when all has been well for so long.
        private long _heardAfterMs;

        public Run()
            : base(Users)
        {
            _links = [.. Enumerable.Range(0, NodesInAll).Select(node => new FakeLink(Nodes[node]))];
            Open(0);
        }

        protected override void Do(int act, int which)
        {
            ulong user = (ulong)(which % Users) + 1;
            int node = which / 10 % NodesInAll, other = which / 30 % NodesInAll;
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
                    Cut(node, other);
                    break;
                case < 68:
                    Nodes.Cut.Clear();
                    break;
                case < 76:
                    ChangeRing(which);
                    break;
                default:
                    Advance(which % 3_000);
                    break;
            }

            Nodes.Settle();
        }

        protected override void End()
        {
            foreach (int node in _lingering)
            {
                _links[node].End();
            }

            _lingering.Clear();
        }

        protected override void AssertTruth()
        {
            foreach (ulong user in All)
            {
                (Status status, DeviceKinds kinds) = _set.GetValueOrDefault(user, (Status.Offline, DeviceKinds.None));
                status = (Status)Math.Max((int)status, (int)_leases.GetValueOrDefault(user, (Status: Status.Offline, Node: 0)).Status);
                (Status, DeviceKinds, ulong)[] seen = [.. Watchers.Select(watcher => (watcher.StatusOf(user), watcher.KindsOf(user), watcher.VersionOf(user))).Distinct()];
                Assert.True(seen is [var one] && (one.Item1, one.Item2) == (status, kinds), $"{user} is {status} {kinds}, seen as {string.Join(' ', seen)}");
            }

            Assert.Equal(_set.Count, _links.Sum(static link => link.Users));
        }

        protected override void Advance(long ms)
        {
            base.Advance(ms);
            _heardAfterMs = IsWell ? _heardAfterMs - ms : HeardWithinMs;
            _links[_at].Beat([.. _set.Keys]);
            foreach (ulong user in _leases.Keys)
            {
                Renew(user);
            }
        }

        protected override void Cut(int node, int other)
        {
            base.Cut(node, other);
            _heardAfterMs = HeardWithinMs;
        }

        protected override void ChangeRing(int which)
        {
            base.ChangeRing(which);
            _heardAfterMs = HeardWithinMs;
        }

        private void Move(int node, bool lingers)
        {
            if (_heardAfterMs > 0)
            {
                // What homes have not heard from where it was, nobody knows where it comes.
                Heal();
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

            Nodes.Advance(100);
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
            Nodes.Settle();
        }

        private void Renew(ulong user)
        {
            Nodes[_leases[user].Node].Lease(user, _leases[user].Status);
            Nodes.Settle();
        }
    }
}
