using System.Buffers;
using Presence.Engine;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>
/// The server's end of a connection, as the host's transports are to a shard: what is written goes out when the shard flushes, and a flush stays pending while
/// the client's window is full. What the client says goes through the <see cref="Reader"/>.
/// </summary>
internal sealed class ServerConnection : ConnectionPort
{
    // How long a client has to leave after a GoAway, and to say Hello.
    private const long PatienceMs = 5_000;

    private const int WelcomeBytes = 120;

    private readonly World _world;
    private readonly Node _node;
    private readonly List<(ServerFrame Frame, int Bytes)> _written = [];

    public ServerConnection(World world, Node node, Wire wire)
    {
        (_world, _node, Wire) = (world, node, wire);
        Truth = new TrueConnection(this, world.Plan.Settings.Options.HeartbeatIntervalMs);
        Reader = new Reader(this, world, node);
        world.Agenda.In(PatienceMs, Reader.GiveUpHandshake);
    }

    public Wire Wire { get; }

    public Reader Reader { get; }

    /// <summary>Among all connections of the process, in the order in which they came.</summary>
    public LinkedListNode<ServerConnection>? Place { get; set; }

    /// <summary>The shard of its user; null before its Hello.</summary>
    public ShardThread? Thread { get; private set; }

    /// <summary>What is known of it by those who know the truth.</summary>
    public TrueConnection Truth { get; }

    /// <summary>The process is gone; nothing that arrives means anything.</summary>
    public bool IsDead { get; set; }

    /// <summary>The client has not read enough yet for more to be sent.</summary>
    public bool IsFlushing { get; private set; }

    /// <summary>The client has read enough for more to be sent.</summary>
    public void HasRoom()
    {
        if (IsDead || !IsFlushing)
        {
            return;
        }

        if (!_node.MayRead(Thread))
        {
            _world.Agenda.In(10, HasRoom);
            return;
        }

        IsFlushing = false;
        PostDrained();
        Reader.Drained();
    }

    /// <summary>Its Hello says whose it is.</summary>
    public void Join(ShardThread thread)
    {
        Thread = thread;
        thread.Connections.Add(this);
    }

    /// <summary>A frame has been read, or counts as read: the reader was paused until now.</summary>
    public void Touch()
    {
        Touch(Thread!.Shard.Clock.At(_world.Agenda.Now));
        Truth.Heard(_world.Agenda.Now);
    }

    protected internal override void Write(ReadOnlySpan<byte> frame, int prefixBytes)
    {
        var payload = new ReadOnlySequence<byte>(frame[prefixBytes..].ToArray());
        if (!ServerFrames.TryParse(payload, out ServerFrame? parsed, out FrameFault fault))
        {
            throw new ViolationException("wire", $"the shard wrote what is no frame: {fault}");
        }

        Write(parsed, frame.Length);
    }

    protected internal override bool Flush()
    {
        if (IsFlushing)
        {
            throw new ViolationException("P8", "flushed again before the flush that is pending was done");
        }

        Send();
        if (!Wire.IsFull)
        {
            return true;
        }

        IsFlushing = true;
        Wire.ExpectRoom();
        (Truth.IsCongested, Truth.CongestedAtMs) = (true, Thread!.Shard.Clock.Now);
        return false;
    }

    protected internal override void WriteWelcome(in SessionWelcome welcome)
    {
        _world.Truth.Answers.Welcomed(this, welcome);
        var frame = new Welcome
        {
            SessionId = welcome.SessionId,
            Resumed = welcome.Resumed,
            HeartbeatIntervalMs = (uint)_world.Plan.Settings.Options.HeartbeatIntervalMs,
            FirstHeartbeatAfterMs = welcome.FirstHeartbeatAfterMs,
            HoldMs = (uint)_world.Plan.Settings.Options.HoldMs,
            ServerTimeMs = (ulong)welcome.ServerTimeMs,
        };
        Write(new ServerFrame { Welcome = frame }, WelcomeBytes);
    }

    protected internal override void Close(CloseCode code)
    {
        _world.Truth.Answers.Closed(this, code);
        Send();
        _world.Agenda.In(PatienceMs, Reader.End);
    }

    protected internal override void Released()
    {
        _node.Forget(this);
        Wire.ResetByServer();
    }

    private void Write(ServerFrame frame, int bytes)
    {
        _written.Add((frame, bytes));
        _world.Truth.Answers.Wrote(this, frame);
    }

    private void Send()
    {
        foreach ((ServerFrame frame, int bytes) in _written)
        {
            Wire.SendDown(frame, bytes);
        }

        _written.Clear();
    }

    private void PostDrained()
    {
        if (!IsDead && !Thread!.TryPostDrained(this))
        {
            Thread.AfterTurn(PostDrained);
        }
    }
}
