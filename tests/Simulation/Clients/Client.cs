using Presence.Client.Connections;
using Presence.Engine;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>
/// One device of one user: connects, beats, watches and comes back by the rules of design §5 (by the SDK's own schedule, back-off and policy), as far as its
/// manners go. What it does of itself is in <see cref="Acts"/>.
/// </summary>
internal sealed class Client
{
    private const long ConnectWithinMs = 10_000;

    // Of those who were given a slot.
    private const double NotBack = 0.1;

    private readonly World _world;
    private readonly Chance _chance;
    private readonly ReconnectPolicy _policy;
    private Heartbeats? _heartbeats;
    private Error? _said;
    private ulong _tokens;
    private ulong _lastRequest;
    private ulong _session;
    private long _openedMs;
    private long _liveSinceMs;
    private int _tries;

    public Client(World world, int number)
    {
        _world = world;
        _chance = world.Chance.Of(100_000 + (ulong)number);
        Number = number;
        UserId = 1 + (ulong)_chance.Below(world.Plan.Settings.Users);
        DeviceKey = 1_000 + (ulong)number;
        Habits = Habits.Of(_chance, world.Plan.Settings);
        _policy = new ReconnectPolicy(_chance);
        Acts = new Acts(world, this, _chance.Of(1));
        Babble = new Babble(world, this, _chance.Of(2));
        Desired = _chance.Pick(Status.Online, Status.Online, Status.Away, Status.Busy, Status.Offline);
        world.Agenda.In(_chance.Between(0, 15_000), Connect);
    }

    public int Number { get; }

    public ulong UserId { get; }

    public ulong DeviceKey { get; }

    public Habits Habits { get; }

    public Acts Acts { get; }

    public Babble Babble { get; }

    public ClientView View { get; } = new();

    /// <summary>What it signs in with.</summary>
    public TokenMark Token { get; private set; }

    public TokenMark FirstToken { get; private set; }

    /// <summary>Whom it watches, as long as it is connected and again when it is back.</summary>
    public SortedSet<ulong> Watched { get; } = [];

    /// <summary>What its device is to be: what Hello says.</summary>
    public Status Desired { get; set; }

    /// <summary>A status that has not been acknowledged; the latest wins.</summary>
    public (Status Status, byte[]? Text, ulong RequestId)? Wish { get; set; }

    /// <summary>The connection it speaks on; null when there is none.</summary>
    public Wire? Wire { get; private set; }

    public bool IsLive { get; private set; }

    /// <summary>When it was connected last.</summary>
    public long LiveUntilMs { get; private set; }

    /// <summary>It does nothing, reads nothing, and time does not pass for it.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>It is not to connect: it left, or was told to stay away.</summary>
    public bool StaysAway { get; private set; }

    public ulong NextRequest => ++_lastRequest;

    public void Connect()
    {
        if (Wire is not null || IsFrozen || _world.IsOver)
        {
            return;
        }

        StaysAway = false;
        var wire = new Wire(_world, _chance.Of(1_000 + (ulong)_tries++));
        Wire = wire;
        _said = null;
        wire.Client = frame => Arrived(wire, frame);
        _openedMs = _world.Agenda.Now;
        _world.Agenda.In(_world.Plan.Settings.LatencyMs, () => Reach(wire));
        _world.Agenda.In(ConnectWithinMs, () =>
        {
            if (Wire == wire && !IsLive && !IsFrozen)
            {
                wire.ResetByClient();
                End(CloseCode.Unspecified);
            }
        });
    }

    /// <summary>Sends a frame; a request is as good a sign of life as a heartbeat.</summary>
    public void Say(ClientSays says)
    {
        Wire!.Up.Send(says);
        _heartbeats?.FrameSent();
    }

    public void SayWish()
    {
        if (IsLive && Wish is { } wish)
        {
            Wish = wish with { RequestId = NextRequest };
            Say(new StatusSays(Wish.Value.RequestId, wish.Status, wish.Text));
        }
    }

    public void Watch(ulong[] userIds)
    {
        foreach (ulong[] part in userIds.Chunk(500))
        {
            Say(new WatchSays(NextRequest, part, [.. part.Select(View.NamedVersionOf)]));
        }
    }

    /// <summary>Lets go of the connection, in whatever way the caller has chosen, and comes back after a while or not.</summary>
    public void Drop(long? comeBackAfterMs)
    {
        Forget();
        StaysAway = comeBackAfterMs is null;
        if (comeBackAfterMs is { } ms)
        {
            _world.Agenda.In(ms, Connect);
        }
    }

    public void Freeze()
    {
        IsFrozen = true;
        Wire?.Down.Hold(true);
    }

    public void Thaw()
    {
        if (IsFrozen)
        {
            IsFrozen = false;
            Wire?.Down.Hold(false);
            _heartbeats?.LookAgain();
            if (!IsLive && Wire is { } wire)
            {
                wire.ResetByClient();
                Forget();
            }

            Connect();
        }
    }

    private void Reach(Wire wire)
    {
        if (Wire != wire || _world.Node.IsDark)
        {
            return;
        }

        if (_world.Node.TryAccept(wire))
        {
            if (Habits.Babbles && !_world.IsQuiet && _chance.Hits(0.2))
            {
                Babble.Early(Hello());
            }
            else
            {
                wire.Up.Send(Hello());
            }

            return;
        }

        _world.Agenda.In(_world.Plan.Settings.LatencyMs, () =>
        {
            if (Wire == wire)
            {
                End(CloseCode.Unspecified);
            }
        });
    }

    /// <summary>What it says first: often with the token it had, as a resume token is as old as that.</summary>
    public HelloSays Hello()
    {
        if (Token == default || _chance.Hits(0.3))
        {
            TakeToken();
        }

        return new(UserId, DeviceKey, _chance.Hits(0.2) ? Status.Unspecified : Desired, Habits.Kind)
        {
            ReportsActivity = Habits.ReportsActivity,
            PresentedSession = _session,
            TokenExpiresMs = TokenEnds(),
            Token = Token,
        };
    }

    private long TokenEnds() => _world.Wall.Now + Habits.TokenMs;

    private void TakeToken()
    {
        Token = new TokenMark(((ulong)(Number + 1) << 24) + ++_tokens, _world.Wall.Now / 1_000);
        FirstToken = FirstToken == default ? Token : FirstToken;
    }

    private void Arrived(Wire wire, ServerFrame? frame)
    {
        // What comes on any connection but the newest means nothing.
        if (wire != Wire)
        {
            return;
        }

        switch (frame?.FrameCase)
        {
            case null:
                End(CloseCode.Unspecified);
                break;
            case ServerFrame.FrameOneofCase.Welcome:
                Live(frame.Welcome);
                break;
            case ServerFrame.FrameOneofCase.HeartbeatAck:
                _heartbeats?.AckReceived(frame.HeartbeatAck.HeartbeatIntervalMs);
                break;
            case ServerFrame.FrameOneofCase.GoAway when Habits.Manners != Manners.Rude:
                wire.CloseByClient();
                End(Ending.Told(frame.GoAway, _said));
                break;
            case ServerFrame.FrameOneofCase.Error when !IsLive:
                _said = frame.Error;
                break;
            case ServerFrame.FrameOneofCase.TokenExpiring when Habits.RenewsTokens:
                Refresh();
                break;
            case ServerFrame.FrameOneofCase.PresenceBatch:
                View.Take(frame.PresenceBatch);
                break;
            case ServerFrame.FrameOneofCase.Ack when frame.Ack.RequestId == Wish?.RequestId:
                Wish = null;
                break;
        }
    }

    /// <summary>Another token for its session; by chance an old one, which may be revoked by then.</summary>
    public void Refresh()
    {
        bool isOld = _chance.Hits(0.2);
        if (!isOld)
        {
            TakeToken();
        }

        Say(new RefreshSays(NextRequest, TokenEnds(), isOld ? FirstToken : Token));
    }

    // Told not to come back with this token: somebody signs in again.
    private void SignInAgain() => _world.Agenda.In(_chance.Between(1_000, 40_000), () =>
    {
        if (!_world.IsQuiet)
        {
            TakeToken();
            Connect();
        }
    });

    private void Live(Welcome welcome)
    {
        IsLive = true;
        _session = welcome.SessionId;
        _liveSinceMs = _world.Agenda.Now;
        Wire wire = Wire!;
        _heartbeats = new Heartbeats(this, _world.Agenda, _chance, welcome, _openedMs, flags => Beat(wire, flags), GiveUp);
        Watch([.. Watched]);
        SayWish();
        Acts.Begin();
    }

    private void Beat(Wire wire, HeartbeatFlags flags)
    {
        if (wire == Wire && !IsFrozen)
        {
            wire.Up.Send(new BeatSays(flags | (Habits.ReportsActivity && _chance.Hits(0.3) ? HeartbeatFlags.Active : HeartbeatFlags.None)));
        }
    }

    private void GiveUp()
    {
        Wire!.ResetByClient();
        End(CloseCode.Unspecified);
    }

    // The connection has ended: comes back as the policy says.
    private void End(CloseCode code) => End(new Ending(code, null, ""));

    private void End(Ending ending)
    {
        TimeSpan lived = IsLive ? TimeSpan.FromMilliseconds(_world.Agenda.Now - _liveSinceMs) : TimeSpan.Zero;
        TimeSpan interval = TimeSpan.FromMilliseconds(_world.Plan.Settings.Options.HeartbeatIntervalMs);
        if (ending.Code == CloseCode.Revoked ? _chance.Hits(0.8) : ending.Code == CloseCode.Refused && Habits.Babbles)
        {
            SignInAgain();
        }

        bool staysAway = ending.ReconnectAfter is not null && !_world.IsQuiet && _chance.Hits(NotBack);
        Drop(staysAway ? null : (long?)_policy.ComeBackAfter(ending, lived, interval)?.TotalMilliseconds);
    }

    private void Forget()
    {
        _heartbeats?.Stop();
        LiveUntilMs = IsLive ? _world.Agenda.Now : LiveUntilMs;
        (Wire, IsLive, _heartbeats) = (null, false, null);
    }
}
