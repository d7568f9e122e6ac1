namespace Presence.Engine;

/// <summary>What a shard is told at its start; times in milliseconds. Validated by whoever reads the configuration.</summary>
public sealed record ShardOptions
{
    /// <summary>What the index of a shard can hold, less some room for users who are only asked about.</summary>
    public const int MostUsers = 134_000_000;

    /// <summary>The limit <see cref="MaxUsers"/> in an answer.</summary>
    public const string Users = "shard_users";

    /// <summary>d: how often a client sends a heartbeat.</summary>
    public long HeartbeatIntervalMs { get; init; } = 30_000;

    /// <summary>The longest interval that sessions are told while the node is overloaded; not more than 4 d.</summary>
    public long MaxHeartbeatIntervalMs { get; init; } = 120_000;

    /// <summary>δ: how late a frame may be.</summary>
    public long ToleranceMs { get; init; } = 5_000;

    /// <summary>h: how long a device whose connection was lost may come back unnoticed.</summary>
    public long HoldMs { get; init; } = 15_000;

    /// <summary>Set a session AWAY after this time without activity; 0 = never.</summary>
    public long AwayAfterMs { get; init; }

    /// <summary>When a TokenExpiring goes out before the token's end.</summary>
    public long TokenWarningMs { get; init; } = 60_000;

    /// <summary>A connection whose flush is pending for so long is closed with SLOW_CONSUMER.</summary>
    public long CongestedForMs { get; init; } = 10_000;

    /// <summary>Connections of the shard that may be congested at one time; at one more, who has been so longest is closed.</summary>
    public int MaxCongested { get; init; } = 16_384;

    /// <summary>Watches of one connection.</summary>
    public int MaxWatches { get; init; } = 1_000;

    /// <summary>
    /// Users in memory before new ones are refused; at most <see cref="MostUsers"/>. Those who were online before a restart and are only asked
    /// about may still come beyond it.
    /// </summary>
    public int MaxUsers { get; init; } = MostUsers;

    /// <summary>Devices of one user.</summary>
    public int MaxDevices { get; init; } = 16;

    /// <summary>Watches and queries of one connection that are not answered yet.</summary>
    public int MaxPendingRequests { get; init; } = 16;

    /// <summary>Queries of one link that are not answered yet.</summary>
    public int MaxLinkPendingRequests { get; init; } = 128;

    /// <summary>Some users are hidden from some watchers (<see cref="ReadRequest.Hide"/>), and who they are may change from one watch to the next.</summary>
    public bool HidesUsers { get; init; }

    /// <summary>Gateways that have users at the same time.</summary>
    public int MaxGateways { get; init; } = 64;

    /// <summary>How long a link that could not resume may take to name its set; nobody of it expires meanwhile.</summary>
    public long LinkResyncMs { get; init; } = 300_000;

    /// <summary>Users whose changes a congested link has not been told; at more it is closed as a slow consumer.</summary>
    public int MaxLateUsers { get; init; } = 4_000_000;

    /// <summary>Largest payload of a frame.</summary>
    public int MaxFrameBytes { get; init; } = Protocol.ProtocolLimits.MaxFrameBytes;

    /// <summary>Status changes of one user within <see cref="StatusChangesPerMs"/> before they are delayed; 0 = no limit.</summary>
    public int StatusChanges { get; init; } = 5;

    public long StatusChangesPerMs { get; init; } = 30_000;

    /// <summary>How long whoever sets a status waits for it to be durable, before it is told that nobody knows.</summary>
    public long DurableWithinMs { get; init; } = 5_000;

    /// <summary>Changes of one shard that wait for the journal.</summary>
    public int MaxWaitingForJournal { get; init; } = 65_536;

    public InboxCapacity Inbox { get; init; } = InboxCapacity.Default;

    public TurnBudget Budget { get; init; } = TurnBudget.Default;

    /// <summary>d + 2δ: how long a client may be silent.</summary>
    public long SilentAfterMs => HeartbeatIntervalMs + (2 * ToleranceMs);

    /// <summary>d + 4δ: how long the users of an edge that is not heard any more are shown as before.</summary>
    public long EdgeHoldMs => RecoverForMs;

    /// <summary>d + 4δ: how long whoever was online before a restart is shown as before.</summary>
    public long RecoverForMs => HeartbeatIntervalMs + (4 * ToleranceMs);
}

/// <summary>How much one turn may do, so that it stays near 5 ms and no kind of work starves another.</summary>
/// <param name="Liveness">Messages of the liveness lane.</param>
/// <param name="ReadIds">User ids in watches and queries.</param>
/// <param name="Deadlines">Deadlines of the wheel.</param>
/// <param name="Deliveries">Updates handed to connections; each costs a send when the turn ends.</param>
public sealed record TurnBudget(int Liveness, int ReadIds, int Deadlines, int Deliveries)
{
    /// <summary>What gateway links say, in beats: an up or a down counts as eight.</summary>
    public int LinkBeats { get; init; } = 16_384;

    /// <summary>Slots of users that are looked at to find those who go with their link; who goes counts as thirty-two.</summary>
    public int SweptSlots { get; init; } = 65_536;

    /// <summary>Changes written to links that were behind and read again.</summary>
    public int LateEntries { get; init; } = 16_384;

    /// <summary>Users that are looked at because the ring is another.</summary>
    public int WalkedUsers { get; init; } = 4_096;

    /// <summary>Users that are looked at to name their sessions to a node, behind a reset.</summary>
    public int NamedUsers { get; init; } = 4_096;

    /// <summary>Devices that are looked at to find those that an edge has not named.</summary>
    public int SweptDevices { get; init; } = 8_192;

    /// <summary>Users who are watched that are looked at because their home is to be asked again.</summary>
    public int AskedUsers { get; init; } = 4_096;

    public static readonly TurnBudget Default = new(2_048, 8_192, 2_048, 1_024);
}
