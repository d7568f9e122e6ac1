using Presence.Engine;

namespace Presence.Server.Hosting;

/// <summary>
/// Runs one shard on a thread of its own, turn and rest by turns, and is where I/O hands it messages. Where the rest is an I/O loop, the connections of the
/// shard's users are served by the same thread.
/// </summary>
internal sealed class ShardHost
{
    // A shard is visited at least once a tick of its wheel.
    private const int TickMs = 100;

    // A busy shard has tens of thousands of turns a second, and each lag that is kept costs whoever exports it.
    private const int TurnsPerLag = 8;

    private readonly Shard _shard;
    private readonly IShardRest _rest;
    private readonly NodeClock _clock;
    private readonly Action<Exception> _failed;
    private readonly Thread _thread;
    private volatile bool _stopping;
    private long _lastTurnMs;
    private long _longestTurn;
    private long _busy;
    private TaskCompletionSource? _room;

    // Read by the shard's own thread, and by all others.
    private readonly StripedCounter _otherHeartbeats = new();
    private long _ownHeartbeats;

    public ShardHost(Shard shard, IShardRest rest, NodeClock clock, Action<Exception> failed)
    {
        (_shard, _rest, _clock, _failed) = (shard, rest, clock, failed);
        _thread = new Thread(Run) { Name = $"shard-{shard.Address.Shard}", IsBackground = true };
    }

    public int Number => _shard.Address.Shard;

    /// <summary>Where the thread is between turns.</summary>
    public IShardRest Rest => _rest;

    public Inbox Inbox => _shard.Inbox;

    public ShardCounters Counters => _shard.Counters;

    /// <summary>Heartbeats read for this shard, plain ones too: the shard itself sees only those with flags.</summary>
    public long Heartbeats => Volatile.Read(ref _ownHeartbeats) + _otherHeartbeats.Value;

    public LoopLag Lag { get; } = new();

    /// <summary>The longest turn since the start. Any thread.</summary>
    public TimeSpan LongestTurn => _clock.SpanOf(Volatile.Read(ref _longestTurn));

    /// <summary>Spent in turns since the start; what a loop does between them, reading and writing, is not in it. Any thread.</summary>
    public TimeSpan Busy => _clock.SpanOf(Volatile.Read(ref _busy));

    /// <summary>How long after they were due turns began, of every eighth. Any thread.</summary>
    public LatencyHistogram Lags { get; } = new();

    /// <summary>Since its last turn began: more than a tick is a busy machine, seconds are a shard that is stuck. Any thread.</summary>
    public long StillForMs => _clock.MonoMs - Volatile.Read(ref _lastTurnMs);

    /// <summary>The stamp of this moment, for what was read.</summary>
    public long StampNow => _shard.Clock.At(_rest.NowMs);

    /// <summary>Engine time since a stamp.</summary>
    public long EngineSince(long stamp) => Clock.EngineOf(StampNow) - Clock.EngineOf(stamp);

    public EngineClock Clock => _shard.Clock;

    public void Start()
    {
        Volatile.Write(ref _lastTurnMs, _clock.MonoMs);
        _thread.Start();
    }

    /// <summary>Ends the loop after its present turn, then hands the store what is in memory.</summary>
    public void Stop()
    {
        _stopping = true;
        _rest.Wake();
        _thread.Join();
        _rest.Dispose();
        _shard.SaveAll();
        _shard.Dispose();
    }

    public void CountHeartbeats(int count)
    {
        if (_rest.IsOwnThread)
        {
            Volatile.Write(ref _ownHeartbeats, _ownHeartbeats + count);
        }
        else
        {
            _otherHeartbeats.Add(count);
        }
    }

    /// <summary>Posts a message to the liveness lane, waiting for room.</summary>
    public ValueTask PostLivenessAsync(ShardMessage message) =>
        Inbox.TryPostLiveness(message) ? default : Retry(this, message, static (inbox, item) => inbox.TryPostLiveness(item));

    /// <summary>Posts a message to the read lane, waiting for room.</summary>
    public ValueTask PostReadAsync(ReadRequest message) =>
        Inbox.TryPostRead(message) ? default : Retry(this, message, static (inbox, item) => inbox.TryPostRead(item));

    public ValueTask PostLostAsync(ConnectionPort connection) =>
        Inbox.TryPostLost(connection) ? default : Retry(this, connection, static (inbox, item) => inbox.TryPostLost(item));

    public ValueTask PostDrainedAsync(ConnectionPort connection) =>
        Inbox.TryPostDrained(connection) ? default : Retry(this, connection, static (inbox, item) => inbox.TryPostDrained(item));

    public ValueTask PostGoodbyeAsync(ConnectionPort connection) =>
        Inbox.TryPostGoodbye(connection) ? default : Retry(this, connection, static (inbox, item) => inbox.TryPostGoodbye(item));

    /// <summary>Completes after the shard's next turn: a lane that was full has been read from.</summary>
    public Task NextTurn()
    {
        TaskCompletionSource? room = Volatile.Read(ref _room);
        if (room is null)
        {
            var fresh = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            room = Interlocked.CompareExchange(ref _room, fresh, null) ?? fresh;
        }

        _rest.Wake();
        return room.Task;
    }

    private static async ValueTask Retry<T>(ShardHost host, T item, Func<Inbox, T, bool> post)
    {
        do
        {
            await host.NextTurn();
        }
        while (!post(host.Inbox, item));
    }

    private void Run()
    {
        try
        {
            long due = _clock.Ticks;
            while (!_stopping)
            {
                bool more = TakeTurn(due, out long ended);
                due = _clock.After(ended, more ? 0 : TickMs);
                _rest.Rest(more ? 0 : TickMs);
            }
        }
        catch (Exception e)
        {
            // A shard that cannot go on must not look alive: clients find another way at once, operators find the cause.
            _failed(e);
        }
    }

    // Due at the end of its tick, or when somebody asked for it before.
    private bool TakeTurn(long due, out long ended)
    {
        long wanted = _rest.Clear();
        long now = _clock.Ticks;
        TurnTime time = _clock.ReadAt(now);
        long lag = now - (wanted == 0 ? due : Math.Min(due, wanted));
        Lag.Add(lag);
        if (_shard.Counters.Turns % TurnsPerLag == 0)
        {
            Lags.Add(_clock.UsOf(lag));
        }

        Volatile.Write(ref _lastTurnMs, time.MonoMs);
        bool more = _shard.Turn(time);
        Interlocked.Exchange(ref _room, null)?.SetResult();
        ended = _clock.Ticks;
        _shard.Sent(_clock.UsOf(ended));
        Volatile.Write(ref _longestTurn, Math.Max(_longestTurn, ended - now));
        Volatile.Write(ref _busy, _busy + ended - now);
        return more;
    }
}
