using Presence.Protocol;

namespace Presence.Engine;

/// <summary>
/// One event loop's worth of presence: a deterministic function of (state, message, now) to effects. It owns everything of its partitions and is touched
/// by one thread; time, randomness, store and connections are passed in. The host calls <see cref="Turn"/> when there is mail and at least every tick.
/// </summary>
public sealed class Shard : IDisposable
{
    // Users whom the messages of a turn are about.
    private const int PeerBudget = 8_192;
    private const int AnswerBudget = 4_096;

    private readonly List<Action> _whenKnown = [];
    private readonly Peers _peers;
    private readonly EngineClock _clock;
    private uint _lastTick;
    private bool _moreDue;

    internal Shard(ShardAddress address, ShardSetup setup, Inbox inbox, Mesh mesh, in TurnTime start)
    {
        Address = address;
        Options = setup.Options;
        Counters = new ShardCounters(Options.MaxGateways);
        Topology = setup.Topology;
        Routing = new Routing(Topology);
        Store = setup.Store;
        Random = new Random(setup.Seed + address.Shard);
        Inbox = inbox;
        _clock = new EngineClock(start.MonoMs);
        Time = new ShardTime(_clock);
        Time.Advance(start);
        Versions = new VersionClock(VersionClock.OrdinalOf(address));
        Versions.GoOnFrom(setup.Store.MaxVersion, Time.WallMs);
        var secret = (ulong)Random.NextInt64();
        Users = new UserTable(secret, Options.MaxUsers);
        WatchIndex = new WatchIndex(~secret, Connections, setup.Store.MaxVersion);
        Wheel = new TimingWheel<UserTable.Nodes>(Users.WheelNodes, Time.Tick);
        Pace = new HeartbeatPace(this);
        Outbox = new Outbox(Options, Time, Pace, Counters);
        Propagation = new Propagation(Counters.Propagation);
        OwnView = new OwnView(this);
        Presences = new Presences(this);
        Journal = new ShardJournal(this, setup.Journal.Open(address.Shard));
        Home = new Home(this);
        Homes = new Homes(this);
        Deadlines = new Deadlines(this);
        Edge = new Edge(this);
        Takeovers = new Takeovers(this);
        Leases = new Leases(this);
        Deferrals = new Deferrals(this);
        Draining = new Draining(this);
        Congestion = new Congestion(this);
        Fanout = new Fanout(this);
        Watching = new Watching(this);
        Links = new GatewayLinks(this);
        RecoverySweep = new RecoverySweep(this);
        Revocations = new Revocations(this);
        _peers = new Peers(this, mesh);
        Nodes = setup.Transport is { } transport ? new Nodes(this, transport) : null;
        RecoveringUntilMs = Time.Now + Options.RecoverForMs;
    }

    public ShardAddress Address { get; }

    public Inbox Inbox { get; }

    public ShardCounters Counters { get; }

    /// <summary>Stamps of monotonic times, for what was read. Any thread.</summary>
    public EngineClock Clock => _clock;

    internal ShardOptions Options { get; }

    internal Topology Topology { get; }

    internal Routing Routing { get; }

    /// <summary>The other nodes; null when this one is alone.</summary>
    internal Nodes? Nodes { get; }

    internal ILastActiveStore Store { get; }

    internal Random Random { get; }

    internal ShardTime Time { get; }

    internal VersionClock Versions { get; }

    internal UserTable Users { get; }

    internal TimingWheel<UserTable.Nodes> Wheel { get; }

    internal Connections Connections { get; } = new();

    internal WatchIndex WatchIndex { get; }

    internal Presences Presences { get; }

    internal ShardJournal Journal { get; }

    internal Home Home { get; }

    internal Homes Homes { get; }

    internal RecoverySweep RecoverySweep { get; }

    internal Revocations Revocations { get; }

    internal Edge Edge { get; }

    internal Takeovers Takeovers { get; }

    internal Leases Leases { get; }

    internal Deferrals Deferrals { get; }

    internal Draining Draining { get; }

    internal Deadlines Deadlines { get; }

    internal Watching Watching { get; }

    internal OwnView OwnView { get; }

    internal Fanout Fanout { get; }

    internal Congestion Congestion { get; }

    internal Propagation Propagation { get; }

    internal GatewayLinks Links { get; }

    internal Outbox Outbox { get; }

    internal HeartbeatPace Pace { get; }

    internal Overload Overload { get; } = new();

    /// <summary>Engine time until which users of the previous process are shown as before.</summary>
    internal long RecoveringUntilMs { get; private set; }

    /// <summary>
    /// Users of the previous process are shown as before: until that time, and as long as a link that began before it has not named its
    /// set.
    /// </summary>
    internal bool IsRecovering => Time.Now < RecoveringUntilMs || Links.HoldingRecovery > 0;

    /// <summary>
    /// The node accepts connections from now on: the recovering have d + 4δ, or as long as the process before has promised. One that has joined others recovers nobody by that: whom it is home of it has taken over, and holds as
    /// <see cref="GoneNodes"/> says.
    /// </summary>
    internal void BeginAccepting(long heldForMs = 0)
    {
        bool isAlone = Routing.Table is not { Members.Count: > 1 };
        RecoveringUntilMs = Time.Now + Math.Max(isAlone ? Options.RecoverForMs : 0, heldForMs);
        RecoverySweep.BeginAccepting();
    }

    /// <summary>Does what there is to do, within the budget of a turn.</summary>
    /// <returns>True when there is more: call again at once.</returns>
    public bool Turn(in TurnTime time)
    {
        Counters.Turns++;
        Time.Advance(time);
        _peers.Receive(PeerBudget);
        TakeLiveness();
        Links.Advance();
        TakeAnswers();
        TakeReads();
        Watching.AskAgain();
        RunDeadlines();
        RecoverySweep.Advance();
        Revocations.Advance();
        Home.EndTurn();
        SayThatEverybodyIsKnown();
        Draining.Advance();
        Journal.GiveUpLate();
        _peers.EndTurn();
        Nodes?.EndTurn();
        Fanout.Advance(Options.Budget.Deliveries);
        Outbox.FlushAll();
        Journal.EndTurn();
        Counters.Connections = Connections.Count;
        return _moreDue || Links.HasWork || Home.HasWork || RecoverySweep.HasWork || Revocations.HasWork || Watching.HasWork || Fanout.UnderWay > 0 || Nodes is { HasWork: true } || !Inbox.IsEmpty || _peers.HasMail();
    }

    /// <summary>What the last turn wrote has been sent.</summary>
    /// <param name="monoUs">The same clock as <see cref="TurnTime.MonoUs"/>.</param>
    public void Sent(long monoUs) => Propagation.Sent(monoUs);

    /// <summary>At the end of the process: hands the store what it needs to go on from, for everybody in memory.</summary>
    public void SaveAll()
    {
        for (int entry = 0; entry < Users.HighWater; entry++)
        {
            if (Users.IsUsed(entry) && !Users[entry].Has(UserFlags.Loading | UserFlags.Elsewhere) && Presences.IsWorthKeeping(entry))
            {
                Store.Write(Presences.RecordOf(entry));
            }
        }

        Journal.End();
    }

    public void Dispose()
    {
        Links.Watchers.Dispose();
        Fanout.Dispose();
        WatchIndex.Dispose();
        Wheel.Dispose();
        Users.Dispose();
    }

    /// <summary>The process is about to end and the next one takes over: whoever is up stays up for it.</summary>
    internal bool IsStopping => Draining.IsUnderWay;

    internal void WhenEverybodyIsKnown(Action known) => _whenKnown.Add(known);

    /// <summary>A transition: to be broadcast when the turn ends.</summary>
    /// <param name="tookMs">As <see cref="Detection"/> says.</param>
    internal void Changed(in PresenceState state, TransitionCause cause, long tookMs)
    {
        Counters.Transitions[(int)cause]++;
        if (tookMs != Detection.NotMeasured)
        {
            Counters.Detection[(int)cause].Add(tookMs * 1_000);
        }

        _peers.Add(state);
    }

    /// <summary>This node is home of the user, and can know of it: its store has loaded it, and whoever has sessions of it has named them.</summary>
    internal bool CanKnow(ulong userId) =>
        Store.IsLoaded(userId) && (Nodes is not { } nodes || (Routing.IsHere(userId) && !nodes.Warming.Concerns(userId)));

    /// <summary>Has risen when more can be known.</summary>
    internal int Loads => Store.Loads + (Nodes?.Warming.Ends ?? 0);

    internal void AskHome(Question question)
    {
        ShardAddress home = Routing.HomeOf(question.UserIds[0]);
        if (home.Node == Address.Node)
        {
            _peers.Post(home, question);
        }
        else
        {
            Nodes!.Homes.Questions.Ask(home.Node, question);
        }
    }

    /// <summary>Says something to the shard of this node that carries a user.</summary>
    internal void Tell(ulong userId, PeerMessage message) => TellShard(Topology.EdgeOf(userId), message);

    /// <summary>Says something to a shard of this node.</summary>
    internal void TellShard(int shard, PeerMessage message) => _peers.Post(Address with { Shard = shard }, message);

    /// <inheritdoc cref="Peers.Relay"/>
    internal void Relay(IEnumerable<PresenceState> states, ulong clock) => _peers.Relay(states, clock);

    internal void Answer(Question question)
    {
        question.IsAnswered = true;
        _peers.Post(question.Asker, question);
    }

    private void TakeLiveness()
    {
        for (int i = 0; i < Options.Budget.Liveness && TakeOneLiveness(); i++)
        {
        }
    }

    private bool TakeOneLiveness()
    {
        if (!Inbox.TryTakeLiveness(out InboxItem item))
        {
            return false;
        }

        if (item.Body is ConnectionPort connection)
        {
            Signal(connection, item);
        }
        else
        {
            ((ShardMessage)item.Body).Apply(this);
        }

        return true;
    }

    private void Signal(ConnectionPort connection, in InboxItem item)
    {
        switch (item.Signal)
        {
            case ConnectionSignal.Beat:
                Edge.Beat(connection, (HeartbeatFlags)item.Argument);
                break;
            case ConnectionSignal.Lost:
                Edge.Lost(connection);
                break;
            case ConnectionSignal.Goodbye:
                Edge.Goodbye(connection);
                break;
            case ConnectionSignal.Drained:
                Congestion.Drained(connection);
                break;
        }
    }

    private void TakeAnswers()
    {
        for (int users = 0; users < AnswerBudget && Inbox.TryTakeAnswer(out ShardMessage? answer);)
        {
            users += answer.Weight;
            answer.Apply(this);
        }
    }

    private void TakeReads()
    {
        for (int ids = 0; ids < Options.Budget.ReadIds && Inbox.TryTakeRead(out InboxItem item);)
        {
            var request = (ReadRequest)item.Body;
            ids += request.UserIds.Length;
            if (request.From is { IsYetToCome: true } connection)
            {
                BringUp(connection);
            }

            request.Apply(this);
        }
    }

    // A client need not wait for its Welcome, and what it asks comes by another lane than its Hello: the Hello was posted before, so it is in there.
    private void BringUp(ConnectionPort connection)
    {
        while (connection.IsYetToCome && TakeOneLiveness())
        {
        }
    }

    private void SayThatEverybodyIsKnown()
    {
        if (_whenKnown.Count > 0 && Home.Loading == 0)
        {
            _whenKnown.ForEach(static known => known());
            _whenKnown.Clear();
        }
    }

    private void RunDeadlines()
    {
        if (IsStopping)
        {
            RunDeadlinesOfOthers();
        }
        else if (_moreDue || Time.Tick != _lastTick)
        {
            _lastTick = Time.Tick;
            Links.Tick();
            Counters.Users = Users.Count;
            Counters.Levels.Read(this);
            _moreDue = !Deadlines.Fire(Options.Budget.Deadlines);
            Home.ReleaseThrottled();
            Home.RetryReads();
            Nodes?.Tick();
            Congestion.CloseSlow();
        }
    }

    // Whoever is up here stays so, for the next process; who is at another node, or was, is held no longer for it. Alone there is nobody to whom such a user could come.
    private void RunDeadlinesOfOthers()
    {
        _moreDue = Nodes is { HasOthers: true } && (_moreDue || Time.Tick != _lastTick) && !Deadlines.Fire(Options.Budget.Deadlines);
        if (Time.Tick != _lastTick)
        {
            _lastTick = Time.Tick;
            Nodes?.Tick();
        }
    }
}
