using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Gateways that do what random numbers say, beside the model of whom each carries; a part of <see cref="Actors"/>.</summary>
internal sealed class Gateways(World world)
{
    private const int Count = 2;

    private static readonly Status[] _statuses = [Status.Online, Status.Away, Status.Busy];
    private static readonly DeviceKinds[] _kinds = [DeviceKinds.Web, DeviceKinds.Mobile, DeviceKinds.Desktop];

    private readonly Gateway[] _all = [.. Enumerable.Range(0, Count).Select(ordinal => new Gateway(world, ordinal))];

    public void Do(int act, int which, ulong user)
    {
        Gateway gateway = _all[which % Count];
        switch (act)
        {
            case < 12:
                gateway.Up(user, _statuses[which / 2 % 3], _kinds[which / 6 % 3]);
                break;
            case < 16:
                gateway.Down(user);
                break;
            case < 18:
                gateway.Forget(user);
                break;
            case < 22:
                gateway.Lose();
                break;
            case < 28:
                gateway.ComeBack();
                break;
            case < 29:
                gateway.Restart();
                break;
            default:
                gateway.Leave();
                break;
        }
    }

    /// <summary>Everybody who is carried is heard of.</summary>
    public void Beat() => Array.ForEach(_all, gateway => gateway.Beat());

    /// <summary>Whoever names its set has named it.</summary>
    public void Complete() => Array.ForEach(_all, gateway => gateway.Complete());

    public void LeaveAll() => Array.ForEach(_all, gateway => gateway.Leave());

    public IEnumerable<(Status Status, DeviceKinds Kind)> Carrying(ulong user) =>
        _all.Where(gateway => gateway.Set.ContainsKey(user)).Select(gateway => gateway.Set[user]);

    private sealed class Gateway(World world, int ordinal)
    {
        private readonly FakeLink _link = new(world, ordinal);
        private long _lostAt = -1_000_000;
        private bool _isOpen;
        private bool _isNaming;

        /// <summary>Whom it carries now, as far as it says so.</summary>
        public Dictionary<ulong, (Status Status, DeviceKinds Kinds)> Set { get; } = [];

        public void Up(ulong user, Status status, DeviceKinds kinds)
        {
            if (_isOpen)
            {
                _link.Up(status, kinds, user);
                Set[user] = (status, kinds);
            }
        }

        public void Down(ulong user)
        {
            if (_isOpen)
            {
                _link.Down(user);
                Set.Remove(user);
            }
        }

        public void Forget(ulong user) => Set.Remove(user);

        public void Beat()
        {
            if (_isOpen)
            {
                _link.Beat([.. Set.Keys]);
            }
        }

        public void Lose()
        {
            if (_isOpen)
            {
                _link.End();
                _isOpen = false;
                _lostAt = world.Shards[0].Time.Now;
            }
        }

        public void ComeBack()
        {
            bool isInTime = world.Shards[0].Time.Now - _lostAt < world.Options.HoldMs - TimingWheel.TickMs;
            if (_isOpen)
            {
                return;
            }

            _isOpen = true;
            if (isInTime)
            {
                _link.Begin(resumed: true);
            }
            else
            {
                Restart();
            }
        }

        public void Restart()
        {
            if (_isOpen)
            {
                _link.Begin(resumed: false);
                Set.Clear();
                _isNaming = true;
            }
        }

        public void Complete()
        {
            if (_isNaming)
            {
                if (!_isOpen)
                {
                    _link.Begin(resumed: true);
                    _isOpen = true;
                }

                _link.Complete();
                _isNaming = false;
            }
            else if (!_isOpen)
            {
                // It does not come back before the hold is over.
                Set.Clear();
            }
        }

        public void Leave()
        {
            _link.End(goodbye: true);
            _isOpen = _isNaming = false;
            _lostAt = -1_000_000;
            Set.Clear();
        }
    }
}
