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

    private const long SoonMs = 1_500;
    private const double SaysNothing = 0.25;

    private readonly ClusterWorld _world;
    private readonly Chance _chance;
    private readonly Chance _opening;
    private readonly ClusterHabits _habits;
    private readonly ClusterActs _acts;
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
        _habits = new ClusterHabits(world.Plan.Settings, _chance.Of(7));
        _acts = new ClusterActs(world, this, _habits, _chance);
        world.Agenda.In(4_000 + _chance.Between(0, 6_000), Connect);
        _acts.GoOn();
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

    public ulong NextRequest() => ++_lastRequest;

    public void Connect()
    {
        if (Connection is not null || _world.IsOver || _habits.HasLeft)
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
        _habits.StayCalm(_world.Agenda.Now);
        if (_isAway)
        {
            BackIn(_chance.Between(SoonMs / 4, SoonMs));
        }
    }

    /// <summary>It does not come back once its connection is over.</summary>
    public void LeaveForGood() => _habits.LeaveForGood(_world.Agenda.Now);

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

    /// <summary>A frame that counts as a sign of life.</summary>
    public void Say(ClientSays says)
    {
        Connection!.Say(says);
        _schedule!.FrameSent(Now);
    }

    /// <summary>It is to be so; asked for until that is acknowledged.</summary>
    public void Set(Status status)
    {
        _wish = (status, 0);
        Desired = status == Status.Invisible ? Desired : status;
        SayWish(Connection!);
    }

    /// <summary>These beside those whom it watches.</summary>
    public void Watch(ulong[] userIds)
    {
        foreach (ulong userId in userIds)
        {
            Watched[userId] = _world.Agenda.Now;
        }

        Say(new WatchSays(++_lastRequest, userIds, [.. userIds.Select(View.NamedVersionOf)]));
    }

    /// <summary>It has no connection, and comes back then.</summary>
    public void BackIn(long ms)
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

    /// <summary>Its connection is none of its any more.</summary>
    public void Forget()
    {
        _habits.IsAway(_world.Agenda.Now);
        (Connection, IsLive, _schedule, _isAway) = (null, false, null, false);
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
        Watch(Watched.Count > 0 ? [.. Watched.Keys] : _acts.SomeUsers());
        SayWish(Connection!);
        _acts.LookIn(Connection!);
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

    private void SayWish(ClusterConnection connection)
    {
        if (connection == Connection && IsLive && _wish is { } wish)
        {
            _wish = wish with { RequestId = ++_lastRequest };
            Say(new StatusSays(_lastRequest, wish.Status, null));
        }
    }

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
}
