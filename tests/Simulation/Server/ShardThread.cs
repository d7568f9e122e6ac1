using Presence.Engine;
using Presence.Protocol;

namespace Presence.Simulation;

/// <summary>
/// One shard and the thread it has at the host: a turn when somebody wakes it, at once when there is more to do, and else once a tick. What is posted to the
/// liveness lane is noted beside it in the same order, so that the truth can be told which of it a turn has applied.
/// </summary>
internal sealed class ShardThread(World world, Node node, Chance chance) : IWake
{
    private const long TickMs = 100;
    private const long WakeMs = 2;

    private readonly Queue<TrueEvent> _posted = new();
    private readonly List<Action> _afterTurn = [];
    private TrueTurn? _turn;
    private long _dueMs = long.MaxValue;
    private bool _isTurning;
    private bool _isStuck;

    public Shard Shard { get; set; } = null!;

    public Inbox Inbox => Shard.Inbox;

    /// <summary>Those of its users.</summary>
    public HashSet<ServerConnection> Connections { get; } = [];

    /// <summary>Stands still for a reason of its own; the rest of the process goes on.</summary>
    public bool IsStuck
    {
        get => _isStuck;
        set
        {
            _isStuck = value;
            Resume();
        }
    }

    /// <summary>The last turn left nothing to do.</summary>
    public bool IsIdle { get; private set; }

    public void Wake() => TurnBy(world.Agenda.Now + (_isTurning ? 0 : chance.Between(0, WakeMs)));

    /// <summary>After the process, or this thread, stood still.</summary>
    public void Resume() => TurnBy(world.Agenda.Now + chance.Between(0, WakeMs));

    /// <summary>Calls once, after the next turn: there may be room in a lane then.</summary>
    public void AfterTurn(Action act)
    {
        _afterTurn.Add(act);
        Wake();
    }

    /// <summary>Posts when there is room: a lane that is full is tried again after the shard's next turn.</summary>
    public void Post(ShardMessage message, TrueEvent meaning)
    {
        if (node.IsRunning(this) && !TryPost(message, meaning))
        {
            AfterTurn(() => Post(message, meaning));
        }
    }

    public bool TryPost(ShardMessage message, TrueEvent meaning) => Note(Inbox.TryPostLiveness(message), meaning);

    public bool TryPostRead(ReadRequest message) => Inbox.TryPostRead(message);

    public bool TryPostBeat(ServerConnection connection, HeartbeatFlags flags) => Note(Inbox.TryPostBeat(connection, flags), new Beaten(connection, flags));

    public bool TryPostLost(ServerConnection connection) => Note(Inbox.TryPostLost(connection), new WasLost(connection));

    public bool TryPostGoodbye(ServerConnection connection) => Note(Inbox.TryPostGoodbye(connection), new SaidGoodbye(connection));

    public bool TryPostDrained(ServerConnection connection) => Note(Inbox.TryPostDrained(connection), new HasDrained(connection));

    private bool Note(bool posted, TrueEvent meaning)
    {
        if (posted)
        {
            _posted.Enqueue(meaning);
        }

        return posted;
    }

    private void TurnBy(long ms)
    {
        if (ms < _dueMs)
        {
            _dueMs = ms;
            world.Agenda.At(ms, () => TurnAt(ms));
        }
    }

    private void TurnAt(long ms)
    {
        // An earlier turn has taken its place, or the process is another.
        if (ms == _dueMs && node.IsRunning(this))
        {
            _dueMs = long.MaxValue;
            if (!node.IsPaused && !_isStuck)
            {
                Turn();
            }
        }
    }

    private void Turn()
    {
        _isTurning = true;
        TurnTime time = node.Time;
        TrueTurn turn = _turn ??= new TrueTurn(this);
        world.Truth.Begin(turn);
        bool more = Shard.Turn(time);
        _isTurning = false;
        IsIdle = !more;
        turn.End(Shard.Clock, time);
        for (int applied = _posted.Count - Inbox.LivenessDepth; applied > 0; applied--)
        {
            turn.Applied.Add(_posted.Dequeue());
        }

        TurnBy(time.MonoMs + (more ? 1 : TickMs));
        world.Truth.End(turn);
        CallAfterTurn();
    }

    // What is asked for meanwhile is for the turn after the next.
    private void CallAfterTurn()
    {
        if (_afterTurn.Count > 0)
        {
            Action[] after = [.. _afterTurn];
            _afterTurn.Clear();
            Array.ForEach(after, act => act());
        }
    }
}
