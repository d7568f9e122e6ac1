using Presence.Client.Connections;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>One device of one user: connects to whatever node the balancer gives it, beats by the SDK's own schedule, and comes back by the SDK's own policy, to another node when its own does not answer.</summary>
internal sealed class ClusterClient
{
    private const long ConnectWithinMs = 3_000;
    private const long AskAgainMs = 1_000;
    private const long TokenForMs = 1L << 40;

    // Users who do not exist are watched too.
    private const int Strangers = 1;
    private const double StaysCalm = 0.5;
    private const long SoonMs = 1_500;
    private const double SaysNothing = 0.25;

    // All nodes have heard of each other's clocks by then.
    private const long ClocksMetMs = 1_300;

    private readonly ClusterWorld _world;
    private readonly Chance _chance;
    private readonly Chance _opening;
    private readonly ReconnectPolicy _policy;
    private readonly DeviceKinds _kind;
    private HeartbeatSchedule? _schedule;
    private (Status Status, ulong RequestId)? _wish;
    private ulong _lastRequest;
    private ulong _session;
    private long _openedMs;
    private long _liveSinceMs;
    private bool _isAway;
    private int _tries;

    // From then on it does not come back once it is away.
    private long _leavesForGoodMs;
    private bool _hasLeftForGood;

    // From then on it only stays.
    private long _actsUntilMs;

    public ClusterClient(ClusterWorld world, int number)
    {
        _world = world;
        _chance = world.Chance.Of(100_000 + (ulong)number);
        UserId = 1 + (ulong)_chance.Below(world.Plan.Settings.Users);
        DeviceKey = 1_000 + (ulong)number;
        _policy = new ReconnectPolicy(_chance);
        _kind = _chance.Pick(DeviceKinds.Web, DeviceKinds.Mobile, DeviceKinds.Desktop);
        Desired = _chance.Pick(Status.Online, Status.Online, Status.Away, Status.Busy, Status.Offline);
        _opening = _chance.Of(8);
        Chance whether = _chance.Of(7);
        _leavesForGoodMs = whether.Hits(world.Plan.Settings.StayAway) ? whether.Between(world.Plan.Settings.LengthMs / 6, world.Plan.Settings.LengthMs) : long.MaxValue;
        _actsUntilMs = whether.Hits(StaysCalm) ? whether.Between(world.Plan.Settings.LengthMs / 6, world.Plan.Settings.LengthMs) : long.MaxValue;
        world.Agenda.In(4_000 + _chance.Between(0, 6_000), Connect);
        GoOn();
    }

    public ulong UserId { get; }

    public ulong DeviceKey { get; }

    public ClientView View { get; } = new();

    /// <summary>Whom it watches, and since when on the present connection.</summary>
    public SortedDictionary<ulong, long> Watched { get; } = [];

    /// <summary>What Hello says.</summary>
    public Status Desired { get; private set; }

    /// <summary>The connection it speaks on; null when there is none.</summary>
    public ClusterConnection? Connection { get; private set; }

    public bool IsLive { get; private set; }

    public void Connect()
    {
        if (Connection is not null || _world.IsOver || _hasLeftForGood)
        {
            return;
        }

        _isAway = false;
        _openedMs = _world.Agenda.Now;
        if (_world.Balance(_chance) is not { } member)
        {
            ComeBack(CloseCode.Unspecified);
            return;
        }

        var connection = new ClusterConnection(_world, this, member.Process!, _tries, _chance.Of(1_000 + (ulong)_tries++));
        Connection = connection;
        connection.Say(new HelloSays(UserId, DeviceKey, Opening(), _kind) { PresentedSession = _session, TokenExpiresMs = _world.Wall.Now + TokenForMs });
        _world.Agenda.In(ConnectWithinMs, () =>
        {
            if (Connection == connection && !IsLive)
            {
                connection.ResetByClient();
                ComeBack(CloseCode.Unspecified);
            }
        });
    }

    public void Arrived(ClusterConnection connection, ServerFrame? frame)
    {
        if (connection != Connection)
        {
            return;
        }

        switch (frame?.FrameCase)
        {
            case null:
                ComeBack(CloseCode.Unspecified);
                break;
            case ServerFrame.FrameOneofCase.Welcome:
                Live(frame.Welcome);
                break;
            case ServerFrame.FrameOneofCase.HeartbeatAck:
                _schedule!.AckReceived(Now, TimeSpan.FromMilliseconds(frame.HeartbeatAck.HeartbeatIntervalMs));
                break;
            case ServerFrame.FrameOneofCase.GoAway:
                connection.CloseByClient();
                ComeBack(frame.GoAway.CloseCode);
                break;
            case ServerFrame.FrameOneofCase.PresenceBatch:
                View.Take(frame.PresenceBatch);
                break;
            case ServerFrame.FrameOneofCase.Ack when frame.Ack.RequestId == _wish?.RequestId:
                _wish = null;
                break;
            case ServerFrame.FrameOneofCase.Error when _wish is { } wish && frame.Error.RequestId == wish.RequestId:
                _world.Agenda.In(AskAgainMs, () => SayWish(connection));
                break;
        }
    }

    /// <summary>Comes if it is away; if nobody knows what its user is, it says.</summary>
    public void Settle()
    {
        Connect();
        if (IsLive && _wish is null && (_world.Truth.IsUnsure(UserId) || Connection!.IsDoubtful))
        {
            Set(Desired == Status.Offline ? Status.Online : Desired);
        }
    }

    /// <summary>It only stays from now on; if it has left it comes back soon.</summary>
    public void StayCalm()
    {
        _actsUntilMs = _world.Agenda.Now;
        if (_isAway)
        {
            BackIn(_chance.Between(SoonMs / 4, SoonMs));
        }
    }

    /// <summary>It does not come back once its connection is over.</summary>
    public void LeaveForGood() => _leavesForGoodMs = _world.Agenda.Now;

    /// <summary>Somebody in between resets the connection.</summary>
    public void Cut()
    {
        if (Connection is { } connection)
        {
            connection.ResetByClient();
            ComeBack(CloseCode.Unspecified);
        }
    }

    public void Leave()
    {
        if (Connection is { } connection)
        {
            connection.Say(new GoodbyeSays());
            connection.CloseByClient();
            Forget();
        }
    }

    // Who has said it before and was answered may leave it at that.
    private Status Opening() =>
        _session != 0 && _wish is null && Desired != Status.Offline && _opening.Hits(SaysNothing) ? Status.Unspecified : Desired;

    private TimeSpan Now => TimeSpan.FromMilliseconds(_world.Agenda.Now - _openedMs);

    private void Live(Welcome welcome)
    {
        IsLive = true;
        _session = welcome.SessionId;
        _liveSinceMs = _world.Agenda.Now;
        _schedule = new HeartbeatSchedule(
            TimeSpan.FromMilliseconds(welcome.HeartbeatIntervalMs), TimeSpan.FromMilliseconds(welcome.FirstHeartbeatAfterMs), TimeSpan.Zero, Now, null, _chance);
        Look(Connection!);
        Watch(Watched.Count > 0 ? [.. Watched.Keys] : SomeUsers());
        SayWish(Connection!);
    }

    // The schedule is asked a few times a second: whatever it says holds for longer.
    private void Look(ClusterConnection connection)
    {
        if (connection != Connection || !IsLive)
        {
            return;
        }

        switch (_schedule!.StepAt(Now))
        {
            case HeartbeatStep.Beat:
                _schedule.HeartbeatSent(Now, wantsAck: true);
                connection.Say(new BeatSays(HeartbeatFlags.WantAck));
                break;
            case HeartbeatStep.GiveUp:
                connection.ResetByClient();
                ComeBack(CloseCode.Unspecified);
                return;
        }

        long next = _openedMs + (long)Math.Ceiling(_schedule.NextLook.TotalMilliseconds);
        _world.Agenda.At(Math.Clamp(next, _world.Agenda.Now + 1, _world.Agenda.Now + 500), () => Look(connection));
    }

    private void Say(ClientSays says)
    {
        Connection!.Say(says);
        _schedule!.FrameSent(Now);
    }

    private void Set(Status status)
    {
        _wish = (status, 0);
        Desired = status == Status.Invisible ? Desired : status;
        SayWish(Connection!);
    }

    private void SayWish(ClusterConnection connection)
    {
        if (connection == Connection && IsLive && _wish is { } wish)
        {
            _wish = wish with { RequestId = ++_lastRequest };
            Say(new StatusSays(_lastRequest, wish.Status, null));
        }
    }

    private void Watch(ulong[] userIds)
    {
        foreach (ulong userId in userIds)
        {
            Watched[userId] = _world.Agenda.Now;
        }

        Say(new WatchSays(++_lastRequest, userIds, [.. userIds.Select(View.NamedVersionOf)]));
    }

    private ulong[] SomeUsers() =>
        [.. Enumerable.Range(0, _chance.Below(8) + 1).Select(_ => 1 + (ulong)_chance.Below(_world.Plan.Settings.Users + Strangers)).Distinct()];

    private void GoOn() => _world.Agenda.In(_chance.Between(200, _world.Plan.Settings.ActsWithinMs), () =>
    {
        if (!_world.IsQuiet)
        {
            if (IsLive && _world.Agenda.Now < _actsUntilMs)
            {
                Act();
            }

            GoOn();
        }
    });

    private void Act()
    {
        ClusterConnection connection = Connection!;
        switch (_chance.Below(100))
        {
            case < 35:
                Set(_chance.Pick(Status.Online, Status.Online, Status.Away, Status.Busy, Status.Offline, Status.Invisible));
                break;
            case < 50:
                Watch(SomeUsers());
                break;
            case < 58:
                ulong[] some = [.. Watched.Keys.Where(_ => _chance.Hits(0.3))];
                Array.ForEach(some, userId => Watched.Remove(userId));
                Say(new UnwatchSays(++_lastRequest, some));
                break;
            case < 64:
                Say(new QuerySays(++_lastRequest, SomeUsers()));
                break;
            case < 74:
                connection.Say(new GoodbyeSays());
                connection.CloseByClient();
                BackIn(AWhile());
                break;
            case < 80:
                // Out of reach, without a word: the server sees a connection that is silent.
                connection.Vanish();
                BackIn(AWhile());
                break;
            case < 92:
                connection.ResetByClient();
                BackIn(_chance.Between(0, _world.Plan.Settings.Options.HoldMs / 2));
                break;
            case < 97 when !_world.Truth.IsDisturbed:
                ComeTwice(connection);
                break;
            default:
                break;
        }
    }

    // In the middle of a handshake its network is another: it has a session there that it never hears of.
    private void ComeTwice(ClusterConnection connection)
    {
        connection.ResetByClient();
        Forget();
        Connect();
        ClusterConnection? unheard = Connection;
        _world.Agenda.In(_world.Plan.Settings.LatencyMs + 4, () =>
        {
            if (unheard is not null && Connection == unheard)
            {
                unheard.Vanish();
                BackIn(_chance.Between(ClocksMetMs, 2 * ClocksMetMs));
            }
        });
    }

    private long AWhile() => _chance.Pick(_chance.Between(0, 2_000), _chance.Between(0, 2 * _world.Plan.Settings.Options.HoldMs), _chance.Between(10_000, 90_000));

    private void ComeBack(CloseCode code)
    {
        TimeSpan lived = IsLive ? TimeSpan.FromMilliseconds(_world.Agenda.Now - _liveSinceMs) : TimeSpan.Zero;
        TimeSpan? after = _policy.ComeBackAfter(new Ending(code, null, ""), lived, TimeSpan.FromMilliseconds(_world.Plan.Settings.Options.HeartbeatIntervalMs));
        Forget();
        if (after is { } wait)
        {
            BackIn((long)wait.TotalMilliseconds);
        }
    }

    private void BackIn(long ms)
    {
        Forget();
        _isAway = true;
        _world.Agenda.In(ms, () =>
        {
            if (_isAway)
            {
                Connect();
            }
        });
    }

    private void Forget()
    {
        _hasLeftForGood |= _world.Agenda.Now >= _leavesForGoodMs;
        (Connection, IsLive, _schedule, _isAway) = (null, false, null, false);
    }
}
