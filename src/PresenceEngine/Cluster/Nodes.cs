using Presence.Protocol;

namespace Presence.Engine;

/// <summary>
/// A shard's end of the channels to all other nodes: what it says to each, and what they say to its node. A batch comes to the shard of the sender's number and goes on from there by the lanes between shards, so that what one
/// sender says stays in order.
/// </summary>
internal sealed class Nodes(Shard shard, IPeerTransport transport)
{
    // Nodes hear of a ring some tenths of a second apart: what they say meanwhile, not all that they have.
    private const int MostEarly = 1 << 16;

    private readonly Dictionary<int, NodeLane> _lanes = [];

    // Of nodes to which there is a channel, or was: as members they are now.
    private readonly Dictionary<int, ulong> _incarnations = [];

    // Of channels that were there: another begins behind them, or the receiver would take it for theirs.
    private readonly Dictionary<int, ulong> _epochs = [];

    // Of every node, this one too: its watchers may not have heard what the home before said last.
    private readonly Dictionary<int, Requery> _requeries = new() { [shard.Address.Node] = new(shard, shard.Address.Node) };
    private readonly Dictionary<ShardAddress, ChannelReceiver> _receivers = [];

    private readonly HeardEdges _heard = new(shard);
    private readonly Deliveries _deliveries = new(shard);

    // What is said by a ring that this shard does not follow yet, and what came behind it.
    private readonly Queue<FromEdge> _early = new();
    // Waits until the others have our users.
    private Action? _leaving;

    public RemoteHomes Homes { get; } = new(shard);

    public RingWalk Walk { get; } = new(shard);

    public HeardNodes Heard { get; } = new(shard);

    public RemoteSessions Sessions { get; } = new(shard);

    public HomeWords Words { get; } = new(shard);

    public Warming Warming { get; } = new(shard);

    public Namings Namings { get; } = new(shard);

    /// <summary>There is more to do than fits a turn.</summary>
    public bool HasWork { get; private set; }

    /// <summary>Users are gone through because the ring has changed.</summary>
    public bool IsWalking => Walk.IsUnderWay;

    /// <summary>
    /// Whether a time that is over here decides what is shown of a user. Not at its home while that hears few of the nodes, nor before all are named to it by the present ring: whoever it misses may be with another.
    /// </summary>
    public bool MayJudge(int entry)
    {
        ref readonly UserEntry user = ref shard.Users[entry];
        return user.Has(UserFlags.Elsewhere) || (!Heard.AreFew && shard.Routing.IsHere(user.UserId) && !Warming.Concerns(user.UserId));
    }

    /// <summary>Nodes to which there is a channel.</summary>
    public IEnumerable<int> Reachable => _lanes.Keys;

    /// <summary>There is a channel to some other node.</summary>
    public bool HasOthers => _lanes.Count > 0;

    /// <summary>What the next batch to a node has; null: there is no channel to it.</summary>
    public PeerBatch? To(int node) => _lanes.TryGetValue(node, out NodeLane? lane) ? lane.Open : null;

    /// <summary>There is a channel to a node from now on.</summary>
    /// <param name="incarnation">As <see cref="ChannelStamp.Incarnation"/>: of this node.</param>
    /// <param name="theirs">Of that node.</param>
    public void Open(int node, ulong incarnation, ulong theirs)
    {
        _incarnations[node] = theirs;
        _heard.Begin(node);
        _lanes[node] = new NodeLane(shard, node, incarnation, _epochs.GetValueOrDefault(node) + 1);
        _requeries.TryAdd(node, new Requery(shard, node));
    }

    /// <summary>There is none any more.</summary>
    /// <param name="isDead">It is known that its process is gone: who was up there has h to come back. Else it may only be out of reach.</param>
    public void Close(int node, bool isDead)
    {
        if (_lanes.Remove(node, out NodeLane? lane))
        {
            _epochs[node] = lane.Epoch;
            lane.TellTaken();
        }

        _requeries.Remove(node);
        Homes.Lost(node);
        Warming.Closed(node, isDead);
        foreach (LostEdge lost in _heard.TakeOf(node))
        {
            Lose(lost, isDead ? 0 : EdgeHoldFrom(lost.HeardMs));
        }
    }

    /// <summary>The members are others: the home of many users is.</summary>
    public void Follow(RoutingTable table)
    {
        RoutingTable? before = shard.Routing.Table;
        if (table.Follows is { } follows && before?.Version != follows)
        {
            // Whose what was by the rings in between is not known. So it is too for who was taken for dead.
            before = null;
            Forget();
        }

        Warming.Begin(table, shard.Routing.Table);
        Walk.Begin(table, shard.Routing.Table);
        shard.Routing.Follow(table);
        foreach (NodeLane lane in _lanes.Values)
        {
            lane.BeginWalk();
        }

        foreach (Requery requery in _requeries.Values)
        {
            requery.StartMoved(before);
        }

        Homes.Statuses.Follow();
        while (_early.TryPeek(out FromEdge? early) && early.RingVersion <= table.Version)
        {
            _early.Dequeue().Take(shard);
        }
    }

    // Who has been named to us by then need not be named again by a ring of which that is true all the same: whoever began before says all anew. What others have said since waits in front of us.
    private void Forget()
    {
        Walk.Forget();
        Warming.Forget(shard.Routing.Version);
        foreach (ChannelReceiver receiver in _receivers.Values)
        {
            if (receiver.Since <= shard.Routing.Version)
            {
                receiver.End();
            }
        }
    }

    /// <summary>As <see cref="NodeTakes"/>.</summary>
    public void WhenTaken(int node, Action taken)
    {
        if (_lanes.TryGetValue(node, out NodeLane? lane))
        {
            lane.WhenTaken(taken);
        }
        else
        {
            taken();
        }
    }

    /// <summary>As <see cref="NodeLeaves"/>.</summary>
    public void Leave(Action over) => _leaving = over;

    /// <summary>Every session is named again: it is held for longer than was said.</summary>
    public void NameAll()
    {
        foreach (NodeLane lane in _lanes.Values)
        {
            lane.NameAll();
        }
    }

    /// <summary>Something of an edge: in order, and not before we follow the ring that it was said by.</summary>
    public void Take(FromEdge message)
    {
        if (_early.Count > 0 || message.RingVersion > shard.Routing.Version)
        {
            _early.Enqueue(message);
        }
        else
        {
            message.Take(shard);
        }
    }

    /// <summary>The home of a user who is watched could say nothing of it; one that is here is asked as soon as it can (<see cref="UnheardUsers"/>).</summary>
    public void Unheard(ulong userId)
    {
        int home = shard.Routing.NodeOf(userId);
        if (home != shard.Address.Node && _requeries.TryGetValue(home, out Requery? requery))
        {
            requery.StartUnheard();
        }
    }

    /// <summary>An edge says all anew.</summary>
    /// <param name="edge">Which.</param>
    /// <param name="knownUntilMs">As <see cref="RemoteSessions.Begin"/>.</param>
    public void BeginAnew(ShardAddress edge, long knownUntilMs)
    {
        Sessions.Begin(edge, knownUntilMs);
        // Changes of its users may have been lost, and what it said of those who are invisible.
        if (_requeries.TryGetValue(edge.Node, out Requery? requery))
        {
            requery.Start();
        }

        if (_lanes.TryGetValue(edge.Node, out NodeLane? lane))
        {
            lane.NameInvisible();
        }
    }

    /// <summary>Transitions of users whose home is here, for every node that listens.</summary>
    public void Broadcast(ReadOnlySpan<PresenceState> changes)
    {
        foreach (NodeLane lane in _lanes.Values)
        {
            lane.Add(changes);
        }
    }

    /// <summary>Looks who has fallen silent, and whom nobody waits for any longer.</summary>
    public void Tick()
    {
        Homes.Tick();
        Namings.Tick();
        _heard.Tick();
        foreach (LostEdge lost in _heard.TakeSilent())
        {
            Lose(lost, EdgeHoldFrom(lost.HeardMs));
        }
    }

    public void EndTurn()
    {
        Sessions.Sweep.Advance();
        if (Walk.Advance())
        {
            Walked();
        }

        HasWork = Sessions.Sweep.IsUnderWay || Walk.IsUnderWay;
        foreach (Requery requery in _requeries.Values)
        {
            requery.Advance();
            HasWork |= requery.HasWork;
        }

        foreach (NodeLane lane in _lanes.Values)
        {
            lane.EndTurn(transport);
            HasWork |= lane.HasWork;
        }

        if (_leaving is { } over && HasHandedOver)
        {
            _leaving = null;
            over();
        }
    }

    private bool HasHandedOver => _lanes.Values.All(lane => lane.CompletedRing >= shard.Routing.Version)
        && (_lanes.Count == 0 || shard.Routing.Table is not { } table || !table.Members.Contains(shard.Address.Node));

    public void Settled(int node, in ChannelStamp stamp, bool isTaken)
    {
        if (!_lanes.TryGetValue(node, out NodeLane? lane))
        {
            return;
        }

        if (!lane.Settle(stamp, isTaken))
        {
            Homes.Lost(node);
        }
        else if (isTaken && stamp.Sequence == 0)
        {
            // It can be asked again: there may be users of whom it could not be heard.
            _requeries[node].Start();
        }
    }

    private void Walked()
    {
        Warming.Walked();
        foreach (NodeLane lane in _lanes.Values)
        {
            lane.CompleteWalk();
        }
    }

    /// <returns>Whether it was taken.</returns>
    public bool Arrived(ShardAddress from, in ChannelStamp stamp, PeerBatch batch)
    {
        if (!_lanes.ContainsKey(from.Node) || stamp.Incarnation != _incarnations[from.Node])
        {
            // It is no member, or not yet, or does not know that it is none any more; or it was on its way when it became one anew.
            return false;
        }

        if (batch.RingVersion > shard.Routing.Version && _early.Count >= MostEarly)
        {
            // Some of what it says is for the home that we shall be: it says all anew until we are.
            return false;
        }

        if (!_receivers.TryGetValue(from, out ChannelReceiver? receiver))
        {
            _receivers[from] = receiver = new ChannelReceiver();
        }

        BatchVerdict verdict = receiver.Receive(stamp);
        if (verdict == BatchVerdict.Reset)
        {
            (long knownUntilMs, long due) = (receiver.WatermarkMs, _deliveries.DueAt(batch));
            receiver.Since = due;
            _deliveries.TellAll(() => new ResetArrived(from, knownUntilMs, due));
        }

        if (verdict is BatchVerdict.Next or BatchVerdict.Reset)
        {
            receiver.WatermarkMs = batch.WatermarkMs;
            _heard.Hear(from, batch.WatermarkMs);
            _deliveries.Bring(from, batch, receiver.Since);
        }

        return verdict != BatchVerdict.Refused;
    }

    private long EdgeHoldFrom(long heardMs) => Math.Max(0, heardMs + shard.Options.EdgeHoldMs - shard.Options.HoldMs - shard.Time.Now);

    // Its next batch is refused unless it begins anew: what it says then is all.
    private void Lose(LostEdge lost, long slotMs)
    {
        _receivers[lost.Edge].End();
        _deliveries.TellAll(() => new EdgeLost(lost.Edge, slotMs, lost.WatermarkMs, shard.Routing.Version));
    }
}
