using System.Buffers;
using Presence.Engine;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>
/// The server's end of a connection: what the host's transports do between the bytes and the shard. It reads what has arrived when its thread may, stamps
/// it, and posts it; it does not read while the shard has no room for what it read, nor a request while its client does not read answers.
/// </summary>
internal sealed class ServerConnection : ConnectionPort
{
    /// <summary>How long a client has to leave after a GoAway, and to say Hello.</summary>
    private const long PatienceMs = 5_000;

    private readonly World _world;
    private readonly Node _node;
    private readonly Queue<ClientSays> _arrived = new();
    private readonly List<(ServerFrame Frame, int Bytes)> _written = [];
    private readonly Queue<Func<bool>> _posts = new();
    private bool _isFlushing;
    private bool _waitsForRoom;
    private bool _waitsForDrain;
    private bool _waitsForTurn;
    private bool _hasEnded;
    private GatewayHost? _gateway;

    public ServerConnection(World world, Node node, Wire wire)
    {
        (_world, _node, Wire) = (world, node, wire);
        Truth = new TrueConnection(this);
        world.Agenda.In(PatienceMs, HandshakeIsOver);
    }

    public Wire Wire { get; }

    /// <summary>The shard of its user; null before its Hello.</summary>
    public ShardThread? Thread { get; private set; }

    /// <summary>What is known of it by those who know the truth.</summary>
    public TrueConnection Truth { get; }

    /// <summary>The process is gone; nothing that arrives means anything.</summary>
    public bool IsDead { get; set; }

    /// <summary>Frames that have been written to it since the beginning.</summary>
    public long Frames { get; private set; }

    public void Arrive(ClientSays says)
    {
        _arrived.Enqueue(says);
        Read();
    }

    /// <summary>Reads what there is, as far as it may.</summary>
    public void Read()
    {
        while (!_hasEnded && !_waitsForRoom && !_waitsForDrain && !_waitsForTurn && !IsDead && _node.MayRead(Thread) && _arrived.TryPeek(out ClientSays? says))
        {
            if (_isFlushing && says is StatusSays or WatchSays or UnwatchSays or QuerySays or RefreshSays)
            {
                // A client that does not read its answers gets no further ones started.
                ReaderPaused = _waitsForDrain = true;
                return;
            }

            _arrived.Dequeue();
            Handle(says);
        }
    }

    /// <summary>The client has read enough for more to be sent.</summary>
    public void HasRoom()
    {
        if (IsDead || !_isFlushing)
        {
            return;
        }

        if (!_node.MayRead(Thread))
        {
            _world.Agenda.In(10, HasRoom);
            return;
        }

        _isFlushing = false;
        if (_waitsForDrain)
        {
            _waitsForDrain = false;
            Resume();
        }

        PostDrained();
        Read();
    }

    protected override void Write(ReadOnlySpan<byte> frame, int prefixBytes)
    {
        var payload = new ReadOnlySequence<byte>(frame[prefixBytes..].ToArray());
        if (!ServerFrames.TryParse(payload, out ServerFrame? parsed, out FrameFault fault))
        {
            throw new ViolationException("wire", $"the shard wrote what is no frame: {fault}");
        }

        Write(parsed, frame.Length);
    }

    protected override bool Flush()
    {
        if (_isFlushing)
        {
            throw new ViolationException("P8", "flushed again before the flush that is pending was done");
        }

        Send();
        if (!Wire.IsFull)
        {
            return true;
        }

        _isFlushing = true;
        Wire.ExpectRoom();
        (Truth.IsCongested, Truth.CongestedAtMs) = (true, Thread!.Shard.Clock.Now);
        return false;
    }

    protected override void WriteWelcome(in SessionWelcome welcome)
    {
        if (_gateway is { } gateway)
        {
            Write(new ServerFrame { GatewayWelcome = new GatewayWelcome { Resumed = gateway.IsResumed, LastSeq = gateway.LastSeq } }, bytes: 100);
            return;
        }

        _world.Truth.Welcomed(this, welcome);
        var frame = new Welcome
        {
            SessionId = welcome.SessionId,
            Resumed = welcome.Resumed,
            HeartbeatIntervalMs = (uint)_world.Plan.Settings.Options.HeartbeatIntervalMs,
            FirstHeartbeatAfterMs = welcome.FirstHeartbeatAfterMs,
            HoldMs = (uint)_world.Plan.Settings.Options.HoldMs,
            ServerTimeMs = (ulong)welcome.ServerTimeMs,
        };
        Write(new ServerFrame { Welcome = frame }, bytes: 120);
    }

    protected override void Close(CloseCode code)
    {
        _world.Truth.Closed(this, code);
        Leave(goodbye: false);
        Send();
        _world.Agenda.In(PatienceMs, End);
    }

    protected override void Released()
    {
        _node.Forget(this);
        Wire.ResetByServer();
    }

    private void Write(ServerFrame frame, int bytes)
    {
        Frames++;
        _written.Add((frame, bytes));
        _world.Truth.Wrote(this, frame);
    }

    private void Send()
    {
        foreach ((ServerFrame frame, int bytes) in _written)
        {
            Wire.SendDown(frame, bytes);
        }

        _written.Clear();
    }

    private void Handle(ClientSays says)
    {
        if (Thread is null)
        {
            Handshake(says);
            return;
        }

        if (says is EndSays)
        {
            End();
            return;
        }

        Touch();
        switch (says)
        {
            case SessionsSays or CompleteSays or WatchAllSays or GoodbyeSays when _gateway is not null:
                LinkSays(says);
                break;
            case BeatSays { Flags: HeartbeatFlags.None }:
                break;
            case BeatSays beat:
                Post(() => Thread.TryPostBeat(this, beat.Flags));
                break;
            case GoodbyeSays:
                _hasEnded = true;
                Post(() => Thread.TryPostGoodbye(this), pauses: false);
                Post(() => Thread.TryPostLost(this), pauses: false);
                break;
            default:
                Request(says);
                break;
        }
    }

    private void Request(ClientSays says)
    {
        switch (says)
        {
            case StatusSays status:
                var change = new SetStatusRequest(this, status.RequestId, status.Status, status.Text);
                Post(() => Thread!.TryPost(change, new StatusSaid(this, status)) && Asked(status.RequestId));
                break;
            case RefreshSays refresh:
                var refreshed = new TokenRefreshed(this, refresh.RequestId, refresh.TokenExpiresMs);
                Post(() => Thread!.TryPost(refreshed, new TokenIsNew(this, refresh.TokenExpiresMs)) && Asked(refresh.RequestId));
                break;
            case WatchSays watch:
                Post(() => Thread!.TryPostRead(new WatchRequest(this, watch.RequestId, watch.UserIds, watch.Versions)) && Asked(watch.RequestId));
                Truth.View.Watch(watch);
                break;
            case UnwatchSays unwatch:
                Truth.View.Unwatch(unwatch.UserIds);
                Post(() => Thread!.TryPostRead(new UnwatchRequest(this, unwatch.RequestId, unwatch.UserIds)) && Asked(unwatch.RequestId));
                break;
            case QuerySays query:
                Post(() => Thread!.TryPostRead(new QueryRequest(this, query.RequestId, query.UserIds)) && Asked(query.RequestId));
                break;
            default:
                throw new InvalidOperationException($"A live session does not say {says}.");
        }
    }

    private void LinkSays(ClientSays says)
    {
        switch (says)
        {
            case SessionsSays sessions:
                WaitFor(_gateway!.TakeAsync(this, sessions));
                break;
            case CompleteSays complete:
                WaitFor(_gateway!.CompleteAsync(this, complete.Seq));
                break;
            case WatchAllSays all:
                Post(() => Thread!.TryPostRead(new WatchAllRequest(this, all.RequestId)) && Asked(all.RequestId));
                break;
            default:
                _hasEnded = true;
                Leave(goodbye: true);
                Post(() => Thread!.TryPostLost(this), pauses: false);
                break;
        }
    }

    // Nothing is read while what was read before waits for the shards.
    private void WaitFor(Task doing)
    {
        if (!doing.IsCompleted)
        {
            ReaderPaused = _waitsForTurn = true;
            _world.Follow(ThenRead());
        }

        async Task ThenRead()
        {
            await doing;
            _waitsForTurn = false;
            if (!IsDead)
            {
                Resume();
                Read();
            }
        }
    }

    // Whatever ends a link's connection: its set is held, or gone.
    private void Leave(bool goodbye)
    {
        if (_gateway is { } gateway && !IsDead)
        {
            _world.Agenda.In(0, () => _world.Follow(gateway.LeaveAsync(this, goodbye)));
        }
    }

    private bool Asked(ulong requestId)
    {
        Truth.View.Ask(requestId);
        return true;
    }

    private void Handshake(ClientSays says)
    {
        if (says is GatewayHelloSays link)
        {
            _gateway = _node.GatewayOf(link.Gateway);
            Thread = _gateway.Owner;
            Touch();
            WaitFor(_gateway.OpenAsync(this, link.StartsAnew));
            return;
        }

        if (says is not HelloSays hello)
        {
            // It has gone before it said who it is.
            _hasEnded = true;
            _node.Forget(this);
            return;
        }

        Thread = _node.ThreadOf(hello.UserId);
        Touch();
        var up = new SessionUp(this, hello.UserId, hello.DeviceKey)
        {
            Kind = hello.Kind,
            InitialStatus = hello.InitialStatus,
            ReportsActivity = hello.ReportsActivity,
            PresentedSession = hello.PresentedSession,
            TokenExpiresMs = hello.TokenExpiresMs,
        };
        Post(() => Thread.TryPost(up, new CameUp(this, hello)), pauses: false);
    }

    private void HandshakeIsOver()
    {
        if (Thread is null && !_hasEnded && !IsDead)
        {
            _hasEnded = true;
            _node.Forget(this);
            Wire.ResetByServer();
        }
    }

    // The reader's last act.
    private void End()
    {
        if (!_hasEnded && !IsDead)
        {
            _hasEnded = true;
            Leave(goodbye: false);
            Post(() => Thread!.TryPostLost(this), pauses: false);
        }
    }

    private void PostDrained()
    {
        if (!IsDead && !Thread!.TryPostDrained(this))
        {
            Thread.AfterTurn(PostDrained);
        }
    }

    // Posts in order: what finds the lane full waits for the shard's next turn, and nothing is read meanwhile.
    private void Post(Func<bool> post, bool pauses = true)
    {
        if (!_waitsForRoom && post())
        {
            return;
        }

        _waitsForRoom = true;
        ReaderPaused |= pauses;
        _posts.Enqueue(post);
        if (_posts.Count == 1)
        {
            Thread!.AfterTurn(PostAgain);
        }
    }

    private void PostAgain()
    {
        if (IsDead)
        {
            return;
        }

        while (_posts.TryPeek(out Func<bool>? post) && post())
        {
            _posts.Dequeue();
        }

        if (_posts.Count > 0)
        {
            Thread!.AfterTurn(PostAgain);
            return;
        }

        _waitsForRoom = false;
        if (ReaderPaused)
        {
            Resume();
        }

        Read();
    }

    private void Resume()
    {
        Touch();
        ReaderPaused = false;
    }

    private void Touch()
    {
        Touch(Thread!.Shard.Clock.At(_world.Agenda.Now));
        Truth.Heard(_world.Agenda.Now);
        _world.Trace.Note(Truth.User?.Id ?? 0, $"device {Truth.Device?.Key} is heard");
    }
}
