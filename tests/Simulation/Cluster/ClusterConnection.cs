using System.Buffers;
using Presence.Engine;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>A connection of a client to a member, both ways and at both ends. What the client says is read while the member runs; whatever it writes goes out with the flush. Beside it stands what the truth needs of it.</summary>
internal sealed class ClusterConnection : ConnectionPort
{
    private const long PatienceMs = 5_000;

    private readonly ClusterWorld _world;
    private readonly ClusterClient _client;
    private readonly Direction<ClientSays> _up;
    private readonly Direction<ServerFrame?> _down;
    private readonly List<ServerFrame> _written = [];
    private readonly Queue<ClientSays> _arrived = new();
    private bool _hasSession;
    private bool _hasEnded;

    public ClusterConnection(ClusterWorld world, ClusterClient client, MemberProcess process, int number, Chance chance)
    {
        (_world, _client, Process, Number) = (world, client, process, number);
        long Latency() => world.Plan.Settings.LatencyMs + chance.Between(0, 3);
        _up = new(world.Agenda, Latency, Arrived);
        _down = new(world.Agenda, Latency, frame => client.Arrived(this, frame));
        process.Connections.Add(this);
        Stall(process.Member.IsCut);
    }

    public MemberProcess Process { get; }

    /// <summary>Of its client's, in order.</summary>
    public int Number { get; }

    public ulong User => _client.UserId;

    public ulong DeviceKey => _client.DeviceKey;

    /// <summary>Its session is up, as far as the member has said.</summary>
    public bool IsUp => WelcomedMs is not null && LostMs is null && LeftMs is null && GoneMs is null;

    /// <summary>When it was welcomed.</summary>
    public long? WelcomedMs { get; private set; }

    /// <summary>When its member has seen it lost.</summary>
    public long? LostMs { get; private set; }

    /// <summary>When it said Goodbye, and was heard.</summary>
    public long? LeftMs { get; private set; }

    /// <summary>When its member took it for silent, or for replaced.</summary>
    public long? GoneMs { get; private set; }

    /// <summary>It ended while channels began anew: its home may have heard of that only because it was not named any more.</summary>
    public bool IsUnnamed { get; set; }

    /// <summary>All homes have heard of it, by all that can be said.</summary>
    public bool IsKnown { get; set; }

    /// <summary>When a frame was read last.</summary>
    public long HeardMs { get; private set; }

    /// <summary>The same, Unix ms of the member.</summary>
    public long HeardWallMs { get; private set; }

    /// <summary>The session that it has.</summary>
    public ulong SessionNumber { get; private set; }

    /// <summary>What its device is, as far as that is settled.</summary>
    public Status Said { get; set; }

    /// <summary>What has been asked for and not answered.</summary>
    public Dictionary<ulong, Status> Asked { get; } = [];

    /// <summary>When something was asked for last.</summary>
    public long AskedMs { get; set; }

    /// <summary>It was told that nobody knows what became of what it asked for.</summary>
    public bool IsDoubtful { get; set; }

    /// <summary>By connection: the last that was written of each user.</summary>
    public Dictionary<ulong, (ulong Version, Shown Shown)> Written { get; } = [];

    /// <summary>Its client only stays from now on; if it has left it comes back soon.</summary>
    public void StayCalm() => _client.StayCalm();

    public void Say(ClientSays says) => _up.Send(says);

    public void CloseByClient() => _up.Send(new EndSays());

    public void ResetByClient()
    {
        _up.Reset();
        _up.Send(new EndSays());
        _down.Darken();
    }

    public void ResetByServer()
    {
        _down.Send(null);
        _up.Darken();
    }

    /// <summary>Nothing is carried any more, and nobody is told.</summary>
    public void Vanish()
    {
        _up.Darken();
        _down.Darken();
    }

    /// <summary>Carries nothing, or again all of it.</summary>
    public void Stall(bool isStalled)
    {
        _up.Hold(isStalled);
        _down.Hold(isStalled);
    }

    /// <summary>The member has not run for so long: that does not count.</summary>
    public void StoodStill(long ms)
    {
        HeardMs += LostMs is null ? ms : 0;
        LostMs += ms;
    }

    /// <summary>Reads what has come, if the member runs.</summary>
    public void Read()
    {
        while (!Process.IsDead && !Process.Member.IsPaused && _arrived.TryDequeue(out ClientSays? says))
        {
            Handle(says);
        }
    }

    protected internal override void Write(ReadOnlySpan<byte> frame, int prefixBytes)
    {
        if (!ServerFrames.TryParse(new ReadOnlySequence<byte>(frame[prefixBytes..].ToArray()), out ServerFrame? parsed, out FrameFault fault))
        {
            throw new ViolationException("wire", $"the shard wrote what is no frame: {fault}");
        }

        _written.Add(parsed);
        _world.Truth.Wrote(this, parsed);
    }

    protected internal override bool Flush()
    {
        Send();
        return true;
    }

    protected internal override void WriteWelcome(in SessionWelcome welcome)
    {
        (WelcomedMs, SessionNumber) = (_world.Agenda.Now, welcome.SessionId);
        _world.Truth.Welcomed(this);
        _written.Add(new ServerFrame
        {
            Welcome = new Welcome
            {
                SessionId = welcome.SessionId,
                Resumed = welcome.Resumed,
                HeartbeatIntervalMs = (uint)_world.Plan.Settings.Options.HeartbeatIntervalMs,
                FirstHeartbeatAfterMs = welcome.FirstHeartbeatAfterMs,
            },
        });
    }

    protected internal override void Close(CloseCode code)
    {
        Send();
        if (code is CloseCode.HeartbeatTimeout or CloseCode.Replaced)
        {
            GoneMs = _world.Agenda.Now;
            _world.Truth.Left(this);
            if (code == CloseCode.Replaced)
            {
                _world.Truth.Replaced(this);
            }
        }
        else
        {
            LostMs ??= _world.Agenda.Now;
        }

        _world.Trace.Note(User, $"{DeviceKey} at {Process.Member.Ordinal} is closed: {code}");
        _world.Truth.Changed(this);
        _world.Agenda.In(PatienceMs, End);
    }

    protected internal override void Released()
    {
        Process.Connections.Remove(this);
        ResetByServer();
    }

    private MemberThread Thread => Process.ThreadOf(User);

    private void Arrived(ClientSays says)
    {
        _arrived.Enqueue(says);
        Read();
    }

    private void Handle(ClientSays says)
    {
        if (says is EndSays)
        {
            End();
            return;
        }

        if (_hasEnded || LeftMs is not null)
        {
            return;
        }

        (HeardMs, HeardWallMs) = (_world.Agenda.Now, Process.Member.WallMs);
        Touch(Thread.Shard.Clock.At(_world.Agenda.Now));
        _world.Trace.Note(User, $"{DeviceKey} at {Process.Member.Ordinal} says {says}");
        switch (says)
        {
            case HelloSays when _arrived.Any(static later => later is EndSays):
                // It has left while the member stood still; docs/plan.md has what is wrong when it gets a session all the same.
                End();
                break;
            case HelloSays hello:
                (Said, _hasSession) = (hello.InitialStatus, true);
                Thread.Post(new SessionUp(this, User, DeviceKey)
                {
                    Kind = hello.Kind,
                    InitialStatus = hello.InitialStatus,
                    PresentedSession = hello.PresentedSession,
                    TokenExpiresMs = hello.TokenExpiresMs,
                });
                break;
            case BeatSays beat:
                MemberThread.Check(Thread.Inbox.TryPostBeat(this, beat.Flags));
                break;
            case GoodbyeSays:
                LeftMs = _world.Agenda.Now;
                _world.Truth.Left(this);
                MemberThread.Check(Thread.Inbox.TryPostGoodbye(this));
                MemberThread.Check(Thread.Inbox.TryPostLost(this));
                break;
            case StatusSays status:
                _world.Truth.Asked(this, status);
                Thread.Post(new SetStatusRequest(this, status.RequestId, status.Status, status.Text));
                break;
            case WatchSays watch:
                MemberThread.Check(Thread.Inbox.TryPostRead(new WatchRequest(this, watch.RequestId, watch.UserIds, watch.Versions)));
                break;
            case UnwatchSays unwatch:
                MemberThread.Check(Thread.Inbox.TryPostRead(new UnwatchRequest(this, unwatch.RequestId, unwatch.UserIds)));
                break;
            case QuerySays query:
                MemberThread.Check(Thread.Inbox.TryPostRead(new QueryRequest(this, query.RequestId, query.UserIds)));
                break;
            default:
                throw new InvalidOperationException($"Nobody says {says} to a cluster.");
        }
    }

    private void End()
    {
        if (Process.Member.IsPaused)
        {
            _arrived.Enqueue(new EndSays());
        }
        else if (!_hasEnded && LeftMs is null && !Process.IsDead)
        {
            _hasEnded = true;
            LostMs ??= _world.Agenda.Now;
            _world.Trace.Note(User, $"{DeviceKey} at {Process.Member.Ordinal} is lost");
            _world.Truth.Changed(this);
            if (_hasSession)
            {
                MemberThread.Check(Thread.Inbox.TryPostLost(this));
            }
            else
            {
                Process.Connections.Remove(this);
            }
        }
    }

    private void Send()
    {
        foreach (ServerFrame frame in _written)
        {
            _down.Send(frame);
        }

        _written.Clear();
    }
}
