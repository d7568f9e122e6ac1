using System.Collections.Concurrent;

namespace Presence.Engine.Tests;

/// <summary>Some nodes of one cluster on one thread, and the network between them, which brings everything unless a test says otherwise.</summary>
internal sealed class NodesWorld : IDisposable
{
    private const long StepMs = 100;

    // A ring takes its time, and tests follow the same few again and again.
    private static readonly ConcurrentDictionary<string, Ring> s_rings = new();

    private readonly Network _network = new();
    private readonly ulong[] _incarnations;

    // One for all, as what the nodes ship is.
    private readonly FakeStore _store = new();
    private RoutingTable? _table;
    private int _late;
    private int _lateShard;

    /// <param name="shards">Of each node; as many nodes.</param>
    public NodesWorld(params int[] shards)
        : this(new ShardOptions(), shards)
    {
    }

    /// <inheritdoc cref="NodesWorld(int[])"/>
    public NodesWorld(ShardOptions options, int[] shards)
    {
        All = [.. shards.Select((count, node) => new World(count, options, store: _store, accepts: false, node: node, network: _network))];
        _incarnations = [.. shards.Select(static _ => 1UL)];
        foreach (World world in All)
        {
            foreach (Shard shard in world.Shards)
            {
                for (int other = 0; other < All.Length; other++)
                {
                    Assert.True(other == world.Topology.Node || shard.Inbox.TryPostLiveness(new NodeOpened(other, incarnation: 1, theirs: 1)));
                }
            }
        }

        Follow([.. Enumerable.Range(0, All.Length)]);
        // As a member, not as who is alone.
        Array.ForEach(All, static world => Array.ForEach(world.Shards, static shard => shard.BeginAccepting()));
    }

    public World[] All { get; }

    /// <summary>Nobody has a turn but by <see cref="Rounds"/>.</summary>
    public bool IsPaused
    {
        get;
        set
        {
            field = value;
            Array.ForEach(All, world => world.IsPaused = value);
        }
    }

    public Ring Ring { get; private set; } = new(["none"], 0);

    public World this[int node] => All[node];

    /// <summary>A link, one way, that brings nothing.</summary>
    public HashSet<(int From, int To)> Cut => _network.Cut;

    /// <summary>Nodes to which what is sent takes as long as they are here: it is neither brought nor refused.</summary>
    public HashSet<int> Slow => _network.Slow;

    /// <summary>What is on its way to them.</summary>
    public IEnumerable<PeerBatch> UnderWay => _network.UnderWay;

    /// <summary>Nodes that stand still: frozen, or gone.</summary>
    public HashSet<int> Still { get; } = [];

    private World[] Moving => [.. All.Where(world => !Still.Contains(world.Topology.Node))];

    /// <summary>The others take a node for none of theirs any more, whatever it thinks itself.</summary>
    public void Expel(int node)
    {
        foreach (Shard shard in Moving.Where(world => world.Topology.Node != node).SelectMany(static world => world.Shards))
        {
            Assert.True(shard.Inbox.TryPostLiveness(new NodeClosed(node, isDead: false)));
        }

        Settle();
    }

    /// <summary>A node that was expelled, or killed and started again, is a member from now on: of another incarnation.</summary>
    public void Rejoin(int node)
    {
        _incarnations[node]++;
        if (Still.Remove(node))
        {
            World before = All[node];
            All[node] = new World(before.Shards.Length, before.Options, _store, wallMs: Moving[0].WallMs, accepts: false, node: node, network: _network);
            before.Dispose();
        }

        foreach (World world in All)
        {
            foreach (Shard shard in world.Shards)
            {
                if (world.Topology.Node != node)
                {
                    Assert.True(shard.Inbox.TryPostLiveness(new NodeOpened(node, _incarnations[world.Topology.Node], _incarnations[node])));
                    continue;
                }

                for (int other = 0; other < All.Length; other++)
                {
                    if (other != node && !Still.Contains(other))
                    {
                        Assert.True(shard.Inbox.TryPostLiveness(new NodeClosed(other, isDead: false)));
                        Assert.True(shard.Inbox.TryPostLiveness(new NodeOpened(other, _incarnations[node], _incarnations[other])));
                    }
                }

                Assert.True(shard.Inbox.TryPostLiveness(new RingChanged(_table!)));
                Assert.True(shard.Inbox.TryPostLiveness(new AcceptingBegins()));
            }
        }

        Settle();
    }

    /// <summary>A node that stood still goes on, hears that it was declared dead, and is a member anew as it hears of that: by one ring, the one that all follow next.</summary>
    public void ComeBack(int node)
    {
        Still.Remove(node);
        int[] members = [.. Ring.Members.Select(int.Parse).Append(node).Order()];
        Post(node, new RingChanged(new RoutingTable(_table!.Version + 1, RingOf([members.First(member => member != node)]), [members.First(member => member != node)])));
        _table = new RoutingTable(_table.Version + 1, Ring, [.. _table.Members]);
        _incarnations[node]++;
        foreach (int other in members.Where(other => other != node))
        {
            Post(other, new RingChanged(_table));
            Post(other, new NodeOpened(node, _incarnations[other], _incarnations[node]));
            Post(node, new NodeClosed(other, isDead: false));
            Post(node, new NodeOpened(other, _incarnations[node], _incarnations[other]));
        }

        Follow(members);
    }

    /// <summary>A process is gone, and the others know it.</summary>
    public void Kill(int node)
    {
        Still.Add(node);
        foreach (Shard shard in Moving.SelectMany(static world => world.Shards))
        {
            Assert.True(shard.Inbox.TryPostLiveness(new NodeClosed(node, isDead: true)));
        }

        Settle();
    }

    /// <summary>Nothing comes from a node, or to it.</summary>
    public void CutOff(int node)
    {
        for (int other = 0; other < All.Length; other++)
        {
            Cut.Add((node, other));
            Cut.Add((other, node));
        }
    }

    /// <summary>The members are others; who stands still does not hear of it.</summary>
    public void Follow(params int[] members) => FollowLate(late: -1, members);

    /// <summary>The same, but one node has not heard of it.</summary>
    public void FollowLate(int late, params int[] members) => FollowLate(late, onlyShard: -1, members);

    /// <summary>The same, but one shard of a node has not; negative: none of its.</summary>
    public void FollowLate(int late, int onlyShard, int[] members)
    {
        _lateShard = onlyShard;
        Ring = RingOf(members);
        _table = new RoutingTable((_table?.Version ?? 0) + 1, Ring, [.. Ring.Members.Select(static name => int.Parse(name))]) { Follows = _table?.Version };
        _late = late;
        foreach (World world in Moving)
        {
            foreach (Shard shard in world.Shards)
            {
                if (!IsLate(shard))
                {
                    Tell(shard);
                }
            }
        }

        Settle();
    }

    /// <summary>Now it has.</summary>
    /// <param name="then">Happens in the same turn, behind that.</param>
    public void CatchUp(Action? then = null)
    {
        Array.ForEach([.. All[_late].Shards.Where(IsLate)], Tell);
        then?.Invoke();
        Settle();
    }

    private bool IsLate(Shard shard) => shard.Address.Node == _late && (_lateShard < 0 || shard.Address.Shard == _lateShard);

    private void Tell(Shard shard) => Assert.True(shard.Inbox.TryPostLiveness(new RingChanged(_table!)));

    /// <summary>Users whose home a node will be once all are members.</summary>
    public IEnumerable<ulong> MovingTo(int node, ulong from)
    {
        Ring all = RingOf([.. Enumerable.Range(0, All.Length)]);
        for (ulong user = from; ; user++)
        {
            if (all.Members[all.OwnerOf(user)] == NameOf(node))
            {
                yield return user;
            }
        }
    }

    /// <summary>Whether a node would be the user's home, were these the members.</summary>
    public static bool WouldMove(ulong user, int to, int[] members) => RingOf(members) is { } ring && ring.Members[ring.OwnerOf(user)] == NameOf(to);

    public int HomeOf(ulong user) => int.Parse(Ring.Members[Ring.OwnerOf(user)]);

    /// <summary>Some user whose home is a node.</summary>
    public ulong UserOf(int home, ulong from = 1)
    {
        ulong user = from;
        while (HomeOf(user) != home)
        {
            user++;
        }

        return user;
    }

    /// <summary>Turns of all, one each, and what was sent brought in between, at the present time until there is nothing left to do.</summary>
    public void Settle()
    {
        while (!IsPaused && Round())
        {
        }
    }

    /// <summary>A few turns of all, which may leave something to do.</summary>
    /// <param name="ms">In front of each.</param>
    public void Rounds(int count, long ms = 0)
    {
        for (int i = 0; i < count; i++)
        {
            foreach (World world in Moving)
            {
                world.Skip(ms);
                world.CanaryMs = world.MonoMs;
            }

            Round();
        }
    }

    private bool Round()
    {
        bool more = false;
        foreach (World world in Moving)
        {
            more |= world.Turn();
        }

        return more | _network.Bring(All, Still);
    }

    public void Advance(long ms)
    {
        for (long left = ms; left > 0; left -= StepMs)
        {
            foreach (World world in Moving)
            {
                world.Skip(Math.Min(left, StepMs));
                world.CanaryMs = world.MonoMs;
            }

            Settle();
        }
    }

    public void Dispose() => Array.ForEach(All, static world => world.Dispose());

    private void Post(int node, ShardMessage message) => Array.ForEach(All[node].Shards, shard => Assert.True(shard.Inbox.TryPostLiveness(message)));

    private static string NameOf(int node) => $"{node:00}";

    private static Ring RingOf(int[] members) => s_rings.GetOrAdd(string.Join(' ', members.Select(NameOf)), static names => new Ring(names.Split(' '), seed: 5));

    private sealed class Network : IPeerTransport
    {
        private readonly Queue<(int To, ShardAddress From, ChannelStamp Stamp, PeerBatch Batch)> _sent = new();

        // A sender may have had its turn before it was told.
        private bool _hasTold;

        public HashSet<(int From, int To)> Cut { get; } = [];

        public HashSet<int> Slow { get; } = [];

        public IEnumerable<PeerBatch> UnderWay => _sent.Select(static sent => sent.Batch);

        public void Send(int node, ShardAddress from, in ChannelStamp stamp, PeerBatch batch) => _sent.Enqueue((node, from, stamp, batch));

        public bool Bring(World[] worlds, HashSet<int> still)
        {
            bool any = false;
            for (int left = _sent.Count; left > 0; left--)
            {
                (int To, ShardAddress From, ChannelStamp Stamp, PeerBatch Batch) sent = _sent.Dequeue();
                if (Slow.Contains(sent.To))
                {
                    _sent.Enqueue(sent);
                    continue;
                }

                any = true;
                Inbox sender = worlds[sent.From.Node].Shards[sent.From.Shard].Inbox;
                if (still.Contains(sent.From.Node))
                {
                    continue;
                }

                if (still.Contains(sent.To) || Cut.Contains((sent.From.Node, sent.To)))
                {
                    Tell(sender, new BatchSettled(sent.To, sent.Stamp, isTaken: false));
                    continue;
                }

                Shard[] shards = worlds[sent.To].Shards;
                shards[sent.From.Shard % shards.Length].Inbox.PostAnswer(new BatchArrived(
                    sent.From, sent.Stamp, sent.Batch, taken => Tell(sender, new BatchSettled(sent.To, sent.Stamp, taken))));
            }

            any |= _hasTold;
            _hasTold = false;
            return any;
        }

        private void Tell(Inbox sender, BatchSettled settled)
        {
            sender.PostAnswer(settled);
            _hasTold = true;
        }
    }
}
