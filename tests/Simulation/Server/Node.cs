using Presence.Engine;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>The server as its machine sees it: one process after another over the same disk, started, stopped, frozen and killed.</summary>
internal sealed class Node
{
    private const int Partitions = 64;
    private const uint RetryAfterMs = 10_000;

    // Who has not left by then is dropped.
    private const long ClosingMs = 7_000;

    private readonly World _world;
    private readonly Chance _chance;
    private readonly Canary _canary;
    private readonly LongIntervals _intervals;
    private readonly LinkedList<ServerConnection> _connections = [];

    public Node(World world, Chance chance)
    {
        (_world, _chance) = (world, chance);
        Topology = new Topology(node: 0, world.Plan.Settings.Shards, Math.Max(Partitions, world.Plan.Settings.Shards), seed: chance.NextInt64(long.MaxValue));
        _intervals = new LongIntervals(world);
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

    /// <summary>Whom the present process lets in.</summary>
    public Admission Admission { get; private set; } = null!;

    /// <summary>How long the present process holds those of before, as the one before has left word; 0: as ever.</summary>
    public long HoldsForMs { get; private set; }

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
        Admission = new Admission(settings, _world.Agenda);
        HoldsForMs = HeldForMs();
        ShardThread[] threads = [.. Enumerable.Range(0, settings.Shards).Select(i => new ShardThread(_world, this, _chance.Of((ulong)((Processes * 1_000) + i))))];
        var setup = new ShardSetup(settings.Options, Topology, Store, Journal, _chance.Next());
        Shard[] shards = setup.Build(threads, Time);
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i].Shard = shards[i];
        }

        Threads = threads;
        _world.Truth.Started();
        _world.Revoking.Tell();
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
        Settings settings = _world.Plan.Settings;
        // Before anybody leaves because of it.
        _world.Disk.HeldUntilMs = _world.Wall.Now + Math.Max(settings.DrainMs, Admission.LastSlotMs) + settings.Options.HoldMs;
        int process = Processes, stay = Threads.Length;
        PostToAll(
            () => new NodeStops(CloseCode.Draining)
            {
                DrainMs = settings.DrainMs,
                AllLeft = () => _world.Agenda.In(0, () => EndInOrder(process, when: --stay == 0)),
            },
            () => new Stopping());
        _world.Agenda.In(ClosingMs, () => EndInOrder(process));
    }

    /// <summary>Its load has become another.</summary>
    public void Enter(OverloadStep step)
    {
        _intervals.Enter(step);
        PostToAll(() => new OverloadChanged(step, RetryAfterMs), () => new LoadIs(step));
    }

    /// <summary>All shards are told what is revoked.</summary>
    /// <param name="revoked">All of it.</param>
    /// <param name="onlyUser">As the engine's message says.</param>
    public void Revoke(RevokedTokens revoked, ulong? onlyUser) =>
        PostToAll(() => new TokensRevoked(revoked, onlyUser), () => new WasRevoked(revoked, onlyUser));

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

    // For how long the process before has promised to show those it sent away as they were.
    private long HeldForMs()
    {
        Settings settings = _world.Plan.Settings;
        long most = settings.LongestSlotMs + settings.Options.HoldMs;
        long promisedMs = Math.Clamp(_world.Disk.HeldUntilMs - _world.Wall.Now, 0, most);
        return Math.Max(promisedMs, _intervals.ComeBackWithinMs());
    }

    private void Accept(int process)
    {
        if (process == Processes && IsUp && !IsStopping)
        {
            IsAccepting = true;
            PostToAll(() => new AcceptingBegins { HeldForMs = HoldsForMs }, () => new Accepting(HoldsForMs));
        }
    }

    private void EndInOrder(int process, bool when = true)
    {
        if (process != Processes || !IsUp || !when)
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
        _world.Truth.Slots.Stopped();
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

    private void PostToAll(Func<ShardMessage> message, Func<TrueEvent> meaning)
    {
        foreach (ShardThread thread in Threads)
        {
            thread.Post(message(), meaning());
        }
    }
}
