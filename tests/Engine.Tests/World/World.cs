using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A node without a host: its shards on one thread, its clocks moved by the test.</summary>
internal sealed class World : IDisposable
{
    /// <summary>The origin of the monotonic clock means nothing; 0 would hide mistakes.</summary>
    private const long MonoOriginMs = 5_000_000;

    private const long StepMs = 100;
    private const long FarFuture = 4_000_000_000_000;

    private readonly Bell _bell = new();

    public World(int shards = 1, ShardOptions? options = null, FakeStore? store = null, FakeJournal? journal = null, long wallMs = 1_790_000_000_000, bool accepts = true, int node = 0, IPeerTransport? network = null)
    {
        Options = options ?? new ShardOptions();
        Store = store ?? new FakeStore();
        Journal = journal ?? new FakeJournal();
        WallMs = wallMs;
        MonoMs = CanaryMs = MonoOriginMs;
        Topology = new Topology(node, shards, partitions: 64, seed: 42);
        Shards = new ShardSetup(Options, Topology, Store, Journal, Seed: 7 + node) { Transport = network }.Build([.. Enumerable.Repeat(_bell, shards)], Time);
        Array.ForEach(accepts ? Shards : [], static shard => shard.BeginAccepting());
    }

    public ShardOptions Options { get; }

    public Topology Topology { get; }

    public FakeStore Store { get; }

    public FakeJournal Journal { get; }

    public Shard[] Shards { get; }

    public long MonoMs { get; private set; }

    public long WallMs { get; set; }

    public long CanaryMs { get; set; }

    /// <summary>Messages stay in the inboxes until the next <see cref="Settle"/> or <see cref="Advance"/>.</summary>
    public bool IsPaused { get; set; }

    private TurnTime Time => new(MonoMs, WallMs, CanaryMs) { MonoUs = MonoUs };

    private long MonoUs => MonoMs * 1_000;

    public Shard ShardOf(ulong userId) => Shards[Topology.EdgeOf(userId)];

    /// <summary>One turn of every shard.</summary>
    /// <returns>True when one has more to do.</returns>
    public bool Turn()
    {
        bool more = false;
        _bell.HasRung = false;
        foreach (Shard shard in Shards)
        {
            more |= shard.Turn(Time);
            shard.Sent(MonoUs);
        }

        return more || _bell.HasRung;
    }

    /// <summary>One turn of one shard.</summary>
    public void TurnOf(int shard) => Shards[shard].Turn(Time);

    /// <summary>Turns at the present time until there is nothing left to do.</summary>
    public void Settle()
    {
        for (int turns = 0; Turn(); turns++)
        {
            Assert.True(turns < 100_000, "the shards never come to rest");
        }
    }

    /// <summary>Lets time pass as it does while all is well: in small steps, the canary heard.</summary>
    public void Advance(long ms)
    {
        for (long left = ms; left > 0; left -= StepMs)
        {
            Skip(Math.Min(left, StepMs));
            CanaryMs = MonoMs;
            Settle();
        }
    }

    /// <summary>Lets time pass in which no shard has a turn and the canary is not heard.</summary>
    public void Skip(long ms)
    {
        MonoMs += ms;
        WallMs += ms;
    }

    /// <summary>Lets time pass in which the shards turn but no I/O is heard.</summary>
    public void AdvanceWithoutIo(long ms)
    {
        for (long left = ms; left > 0; left -= StepMs)
        {
            Skip(Math.Min(left, StepMs));
            Settle();
        }
    }

    public void Post(ulong userId, Func<Inbox, bool> post)
    {
        Assert.True(post(ShardOf(userId).Inbox), "the lane is full");
        if (!IsPaused)
        {
            Settle();
        }
    }

    public FakeConnection Connect(
        ulong userId,
        ulong device = 1,
        Status status = Status.Online,
        DeviceKinds kind = DeviceKinds.Web,
        bool reportsActivity = false,
        bool http = false,
        bool hidden = false,
        ulong resumes = 0,
        long tokenForMs = FarFuture,
        TokenMark token = default)
    {
        var connection = new FakeConnection(this, userId);
        connection.Say(new SessionUp(connection, userId, device)
        {
            InitialStatus = status,
            Kind = kind,
            ReportsActivity = reportsActivity,
            Http = http,
            Hidden = hidden,
            PresentedSession = resumes,
            TokenExpiresMs = WallMs + tokenForMs,
            Token = token,
        });
        return connection;
    }

    /// <summary>An observer who watches these users from the start.</summary>
    public FakeConnection Watcher(ulong userId, params ulong[] watched)
    {
        FakeConnection connection = Connect(userId, status: Status.Offline);
        connection.Watch(1, watched);
        return connection;
    }

    public FakeLease Lease(ulong userId, Status status, ulong device = 900, TokenMark? token = null)
    {
        var lease = new FakeLease(userId, device, status) { Token = token };
        Post(userId, inbox => inbox.TryPostLiveness(lease));
        return lease;
    }

    /// <summary>Every shard is told what is revoked.</summary>
    public void Revoke(RevokedTokens revoked, ulong? onlyUser = null)
    {
        foreach (Shard shard in Shards)
        {
            Assert.True(shard.Inbox.TryPostLiveness(new TokensRevoked(revoked, onlyUser)));
        }

        if (!IsPaused)
        {
            Settle();
        }
    }

    /// <summary>What a stranger is told who asks now.</summary>
    public PresenceState Ask(ulong userId) => AskAll(userId)[0];

    public PresenceState[] AskAll(params ulong[] userIds) => AskAll(0, userIds);

    /// <summary>What a user is told of itself.</summary>
    public PresenceState AskSelf(ulong userId) => AskAll(userId, [userId])[0];

    private PresenceState[] AskAll(ulong asker, ulong[] userIds)
    {
        var question = new FakeQuestion(userIds, asker);
        Post(userIds[0], inbox => inbox.TryPostRead(question));
        return question.States ?? throw new InvalidOperationException("The question has not been answered.");
    }

    /// <summary>The process is killed and another begins over the same store.</summary>
    public World Restart(long afterMs = 0)
    {
        Store.LastWatermarkMs = WallMs;
        return new World(Shards.Length, Options, Store, wallMs: WallMs + afterMs);
    }

    /// <summary>Nothing is left of anybody.</summary>
    public void AssertEmpty()
    {
        foreach (Shard shard in Shards)
        {
            Assert.Equal(0, shard.Users.Count);
            Assert.Equal(0, shard.Users.Slots);
            Assert.Equal(0, shard.Connections.Count);
            Assert.Equal(0, shard.WatchIndex.Watches);
            Assert.Equal(0, shard.WatchIndex.Users);
            Assert.Equal(0, shard.Wheel.Armed);
            Assert.Equal(0, shard.Home.Throttled);
            Assert.Equal(0, shard.Journal.Waiting);
            Assert.Equal(0, shard.Nodes?.Homes.Waiting ?? 0);
            Assert.Equal(0, shard.Presences.DeviceTexts.Count);
            Assert.Equal(0, shard.Revocations.Held.Count);
        }
    }

    public void Dispose()
    {
        foreach (Shard shard in Shards)
        {
            shard.Dispose();
        }
    }

    private sealed class Bell : IWake
    {
        public bool HasRung { get; set; }

        public void Wake() => HasRung = true;
    }
}
