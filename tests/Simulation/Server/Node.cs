using Presence.Engine;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>The server as its machine sees it: one process after another over the same disk, started, stopped, frozen and killed.</summary>
internal sealed class Node
{
    private const int Partitions = 64;
    private const long ClosingMs = 5_000;

    private readonly World _world;
    private readonly Chance _chance;
    private readonly Canary _canary;
    private readonly LinkedList<ServerConnection> _connections = [];

    public Node(World world, Chance chance)
    {
        (_world, _chance) = (world, chance);
        Topology = new Topology(node: 0, world.Plan.Settings.Shards, Math.Max(Partitions, world.Plan.Settings.Shards), seed: chance.NextInt64(long.MaxValue));
        _canary = new Canary(world.Agenda, this, chance.Of(1));
    }

    /// <summary>The same for every process over this disk.</summary>
    public Topology Topology { get; }

    /// <summary>Those of the present process; empty when there is none.</summary>
    public ShardThread[] Threads { get; private set; } = [];

    /// <summary>The store of the present process.</summary>
    public Store Store { get; private set; } = null!;

    /// <summary>The journal of the present process.</summary>
    public Journal Journal { get; private set; } = null!;

    /// <summary>Processes so far.</summary>
    public int Processes { get; private set; }

    public bool IsAccepting { get; private set; }

    /// <summary>Connecting is not even refused.</summary>
    public bool IsDark { get; private set; }

    public bool IsPaused { get; private set; }

    /// <summary>Nothing is read from clients, though the shards turn.</summary>
    public bool IsIoSilent { get; private set; }

    /// <summary>It has told its clients that it stops.</summary>
    public bool IsStopping { get; private set; }

    public bool IsUp => Threads.Length > 0;

    public TurnTime Time => new(_world.Agenda.Now, _world.Wall.Now, Math.Min(_canary.HeardAtMs, _world.Agenda.Now));

    public ShardThread ThreadOf(ulong userId) => Threads[Topology.EdgeOf(userId)];

    public bool IsRunning(ShardThread thread) => Threads.Length > 0 && Threads[thread.Shard.Address.Shard] == thread;

    /// <summary>Whether what reads from a connection may do so now.</summary>
    /// <param name="thread">The shard of its session; null while it has none.</param>
    public bool MayRead(ShardThread? thread) =>
        !IsPaused && !IsIoSilent && !(_world.Plan.Settings.ShardsRead && thread is { IsStuck: true });

    public void Start()
    {
        Processes++;
        (IsDark, IsPaused, IsIoSilent, IsStopping) = (false, false, false, false);
        Journal = new Journal(_world, this, _world.Chance.Of((ulong)(8_000 + Processes)));
        Store = new Store(_world, _world.Disk, Journal);
        _canary.Begin();
        Settings settings = _world.Plan.Settings;
        ShardThread[] threads = [.. Enumerable.Range(0, settings.Shards).Select(i => new ShardThread(_world, this, _chance.Of((ulong)((Processes * 1_000) + i))))];
        var setup = new ShardSetup(settings.Options, Topology, Store, Journal, _chance.Next());
        Shard[] shards = setup.Build(threads, Time);
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i].Shard = shards[i];
        }

        Threads = threads;
        _world.Truth.Started();
        Array.ForEach(threads, thread => thread.Resume());
        int process = Processes;
        _world.Agenda.In(settings.StartTakesMs, () => Accept(process));
    }

    /// <summary>A client's connection has reached the machine.</summary>
    /// <returns>False: refused.</returns>
    public bool TryAccept(Wire wire)
    {
        if (!IsAccepting)
        {
            return false;
        }

        wire.Server = new ServerConnection(_world, this, wire);
        wire.Server.Place = _connections.AddLast(wire.Server);
        return true;
    }

    public void Forget(ServerConnection connection)
    {
        _connections.Remove(connection.Place!);
        connection.Thread?.Connections.Remove(connection);
    }

    /// <summary>The process ends without a word of its own; the kernel says what it says.</summary>
    /// <param name="dark">The machine itself is gone: nobody says anything.</param>
    public void Kill(bool dark)
    {
        if (!IsUp)
        {
            return;
        }

        IsDark = dark;
        Die();
        if (dark)
        {
            _world.Disk.LosePower(_chance);
        }

        foreach (ServerConnection connection in _connections)
        {
            connection.IsDead = true;
            if (dark)
            {
                connection.Wire.Vanish();
            }
            else
            {
                connection.Wire.ResetByServer();
            }
        }

        _connections.Clear();
    }

    /// <summary>SIGTERM: clients are told, their sessions are kept for the next process, and the store writes all it has.</summary>
    public void Stop()
    {
        if (!IsUp || IsStopping)
        {
            return;
        }

        (IsAccepting, IsStopping) = (false, true);
        PostToAll(() => new NodeStops(CloseCode.Draining), () => new Stopping());
        int process = Processes;
        _world.Agenda.In(ClosingMs, () => EndInOrder(process));
    }

    public void Pause() => IsPaused = true;

    public void Continue()
    {
        IsPaused = false;
        _canary.Resume();
        Array.ForEach(Threads, thread => thread.Resume());
        ReadAll();
    }

    public void SilenceIo(bool silent)
    {
        IsIoSilent = silent;
        if (!silent)
        {
            _canary.Resume();
            ReadAll();
        }
    }

    public void Stick(ShardThread thread, bool stuck)
    {
        thread.IsStuck = stuck;
        if (!stuck)
        {
            ReadAll();
        }
    }

    /// <summary>Whoever has waited in the sockets is read.</summary>
    private void ReadAll()
    {
        foreach (ServerConnection connection in _connections.ToArray())
        {
            connection.Reader.Read();
        }
    }

    private void Accept(int process)
    {
        if (process == Processes && IsUp && !IsStopping)
        {
            IsAccepting = true;
            PostToAll(() => new AcceptingBegins(), () => new Accepting());
        }
    }

    private void EndInOrder(int process)
    {
        if (process != Processes || !IsUp)
        {
            return;
        }

        if (IsPaused || !Journal.IsAtRest || !Store.IsComplete)
        {
            _world.Agenda.In(10, () => EndInOrder(process));
            return;
        }

        foreach (ShardThread thread in Threads)
        {
            thread.Shard.SaveAll();
        }

        Store.Close();
        Journal.Close();
        _world.Truth.Kept.Closed();
        Kill(dark: false);
    }

    private void Die()
    {
        (IsAccepting, IsPaused, IsIoSilent) = (false, false, false);
        ShardThread[] threads = Threads;
        Threads = [];
        Store.Die();
        Journal.Die();
        _world.Truth.Died();
        Array.ForEach(threads, thread => thread.Shard.Dispose());
    }

    // A lane that is full is tried again after the shard's next turn.
    private void PostToAll(Func<ShardMessage> message, Func<TrueEvent> meaning)
    {
        foreach (ShardThread thread in Threads)
        {
            void Post()
            {
                if (IsRunning(thread) && !thread.TryPost(message(), meaning()))
                {
                    thread.AfterTurn(Post);
                }
            }

            Post();
        }
    }
}
