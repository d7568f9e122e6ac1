using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>
/// A few users with their devices and watchers, who do what random numbers say, beside the simplest model of the truth: which devices have a connection
/// that talks, what each said last, and who is invisible.
/// </summary>
internal sealed class Actors(World world, params IEnumerable<ulong> invisible)
{
    public const int Users = 4;

    private const int Watchers = 4;
    private const ulong FirstWatcher = 50;
    private const int Devices = 3;
    private const ulong LeaseDevice = 900;

    private static readonly Status[] _shown = [Status.Online, Status.Away, Status.Busy, Status.Offline];
    private static readonly Status[] _said = [.. _shown, Status.Invisible];

    private readonly Dictionary<(ulong User, ulong Device), Actor> _devices = [];
    private readonly HashSet<ulong> _invisible = [.. invisible];
    private readonly Dictionary<ulong, Status> _leases = [];
    private readonly FakeConnection?[] _watchers = new FakeConnection?[Watchers];
    private readonly Gateways _gateways = new(world);
    private readonly FakeConnection _all = WatchAll(world);
    private readonly ulong _recovered = world.Store.MaxVersion;

    public static ulong[] AllUsers => [.. Enumerable.Range(1, Users).Select(user => (ulong)user)];

    public void Do(int act, int which)
    {
        ulong user = (ulong)(which % Users) + 1;
        ulong device = (ulong)(which / Users % Devices) + 1;
        switch (act)
        {
            case < 15:
                Connect(user, device, _shown[which / 16 % _shown.Length]);
                break;
            case < 40:
                Device(user, device, act, which);
                break;
            case < 45:
                Lease(user, _said[which / 16 % _said.Length]);
                break;
            case < 65:
                Watcher(which % Watchers, act, user);
                break;
            case < 75:
                Store(act, which);
                break;
            case < 100:
                Time(act, which);
                break;
            default:
                _gateways.Do(act - 100, which, user);
                break;
        }
    }

    /// <summary>Time passes until whoever does not talk any more is gone; everybody who talks goes on talking.</summary>
    public void ComeToRest()
    {
        Load(AllUsers);
        world.Store.AnswersAtOnce = true;
        world.Store.AnswerAll();
        world.Journal.CommitsAtOnce = true;
        world.Journal.CommitAll();
        for (int i = 0; i < Watchers; i++)
        {
            _watchers[i] ??= Watch(i);
            _watchers[i]!.Drain();
        }

        _gateways.Complete();
        Advance(60_000);
    }

    public void AssertAllSeeTheTruth()
    {
        foreach (ulong user in AllUsers)
        {
            PresenceState shown = world.Ask(user);
            Assert.Equal(Truth(user), (shown.Status, shown.Kinds));
            Assert.Equal(shown.Version > _recovered ? shown.Version : 0, _all.VersionOf(user));
            foreach (FakeConnection? watcher in _watchers)
            {
                PresenceEntry seen = watcher!.Of(user);
                long lastActive = seen.HasLastActiveMs ? (long)seen.LastActiveMs : PresenceState.NoTime;
                Assert.Equal((shown.Version, shown.Status, shown.LastActiveMs), (seen.Version, seen.Status, lastActive));
            }
        }
    }

    public void LeaveAll()
    {
        foreach (FakeConnection connection in _devices.Values.SelectMany(actor => actor.All).Concat(_watchers.OfType<FakeConnection>()))
        {
            connection.Lose();
        }

        _gateways.LeaveAll();
        _all.Lose();
    }

    // Who watches all from the beginning knows the version of everybody who has changed since, without ever having asked.
    private static FakeConnection WatchAll(World world)
    {
        FakeConnection all = FakeLink.Live(world, gateway: 9).Attach();
        all.Read(new WatchAllRequest(all, 1));
        return all;
    }

    private (Status Status, DeviceKinds Kinds) Truth(ulong user)
    {
        if (_invisible.Contains(user))
        {
            return (Status.Offline, DeviceKinds.None);
        }

        var live = _devices
            .Where(device => device.Key.User == user && device.Value is { IsUp: true, Status: not Status.Offline })
            .Select(device => (device.Value.Status, Kind: KindOf(device.Key.Device)))
            .Concat(_gateways.Carrying(user))
            .ToArray();
        return (live.Select(device => device.Status).DefaultIfEmpty(Status.Offline).Max(), live.Aggregate(DeviceKinds.None, (all, one) => all | one.Kind));
    }

    private static DeviceKinds KindOf(ulong device) => (DeviceKinds)(1 << (int)device);

    private void Connect(ulong user, ulong device, Status status)
    {
        if (!_devices.TryGetValue((user, device), out Actor? actor))
        {
            _devices[(user, device)] = actor = new Actor();
        }

        actor.Begin(world.Connect(user, device, status, KindOf(device)), status);
    }

    private void Device(ulong user, ulong device, int act, int which)
    {
        if (!_devices.TryGetValue((user, device), out Actor? actor) || !actor.IsUp)
        {
            return;
        }

        switch (act)
        {
            case < 28:
                SayStatus(user, actor, _said[which / 16 % _said.Length]);
                break;
            case < 32:
                actor.Connection!.Goodbye();
                actor.End();
                break;
            case < 36:
                actor.Connection!.Lose();
                actor.End();
                break;
            default:
                actor.End();
                break;
        }
    }

    private void SayStatus(ulong user, Actor actor, Status status)
    {
        // What is said while the user is loaded is applied after it, possibly behind a later Hello: a test of its own.
        Load(user);
        world.Store.AnswerAll();
        world.Settle();
        actor.Connection!.SetStatus(1, status);
        actor.Status = status == Status.Invisible ? actor.Status : status;
        Said(user, status);
    }

    private void Lease(ulong user, Status status)
    {
        Load(user);
        world.Store.AnswerAll();
        world.Settle();
        bool repeats = status != Status.Invisible && HasLease(user) && _leases.GetValueOrDefault(user) == status;
        world.Lease(user, status, LeaseDevice);
        _leases[user] = status;
        if (!repeats)
        {
            Said(user, status);
        }
    }

    private bool HasLease(ulong user)
    {
        UserTable users = world.ShardOf(user).Users;
        return users.Find(user) is >= 0 and var entry && users.FindDevice(entry, LeaseDevice) >= 0;
    }

    private void Said(ulong user, Status status)
    {
        if (status == Status.Invisible)
        {
            _invisible.Add(user);
        }
        else if (status != Status.Offline)
        {
            _invisible.Remove(user);
        }
    }

    private void Watcher(int which, int act, ulong user)
    {
        FakeConnection? watcher = _watchers[which];
        switch (act)
        {
            case < 50 when watcher is not null:
                watcher.Lose();
                _watchers[which] = null;
                break;
            case < 54 when watcher is not null:
                watcher.IsBlocked = true;
                break;
            case < 59 when watcher is not null:
                watcher.Drain();
                break;
            case < 62 when watcher is not null:
                watcher.Unwatch(2, user);
                watcher.Watch(3, [user], watcher.VersionOf(user));
                break;
            default:
                _watchers[which] ??= Watch(which);
                break;
        }
    }

    private FakeConnection Watch(int which) => world.Watcher(FirstWatcher + (ulong)which, AllUsers);

    private void Store(int act, int which)
    {
        world.Store.AnswersAtOnce = act < 69;
        if (act == 74)
        {
            Load((ulong)(which % Users) + 1);
        }

        world.Journal.CommitsAtOnce = act % 2 == 0;
        world.Journal.Fails = act % 4 == 1;
        world.Journal.CommitAll();
        if (world.Store.Open > 0)
        {
            world.Store.AnswerOne(which % world.Store.Open);
            world.Settle();
        }
    }

    private void Load(params ulong[] users)
    {
        Array.ForEach(users, world.Store.Load);
        world.Settle();
    }

    private void Time(int act, int which)
    {
        switch (act)
        {
            case < 92:
                Advance(which * 20);
                break;
            case < 95:
                world.Skip(which * 60);
                world.CanaryMs = world.MonoMs;
                world.Settle();
                break;
            case < 97:
                world.AdvanceWithoutIo(which * 10);
                break;
            default:
                world.WallMs += (which - 500) * 10;
                break;
        }
    }

    // Who talks beats in time, so nobody who talks may ever be closed; a watcher that was closed for not reading comes back.
    private void Advance(long ms)
    {
        for (long left = ms; left > 0; left -= 5_000)
        {
            world.Advance(Math.Min(left, 5_000));
            foreach (Actor actor in _devices.Values.Where(actor => actor.IsUp))
            {
                Assert.Null(actor.Connection!.ClosedWith);
                actor.Connection.Beat();
            }

            _gateways.Beat();

            for (int i = 0; i < Watchers; i++)
            {
                _watchers[i]?.Beat();
                if (_watchers[i]?.ClosedWith is { } code)
                {
                    Assert.Equal(CloseCode.SlowConsumer, code);
                    _watchers[i]!.Lose();
                    _watchers[i] = Watch(i);
                }
            }
        }
    }

    private sealed class Actor
    {
        public List<FakeConnection> All { get; } = [];

        /// <summary>The connection it talks on; null when it has gone or fallen silent.</summary>
        public FakeConnection? Connection { get; private set; }

        public Status Status { get; set; }

        public bool IsUp => Connection is not null;

        public void Begin(FakeConnection connection, Status status)
        {
            All.Add(connection);
            (Connection, Status) = (connection, status);
        }

        public void End() => Connection = null;
    }
}
