namespace Presence.Engine;

/// <summary>What a shard is told at its start; times in milliseconds. Validated by whoever reads the configuration.</summary>
public sealed record ShardOptions
{
    /// <summary>d: how often a client sends a heartbeat.</summary>
    public long HeartbeatIntervalMs { get; init; } = 30_000;

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

    /// <summary>Watches of one connection.</summary>
    public int MaxWatches { get; init; } = 1_000;

    /// <summary>Devices of one user.</summary>
    public int MaxDevices { get; init; } = 16;

    /// <summary>Watches and queries of one connection that are not answered yet.</summary>
    public int MaxPendingRequests { get; init; } = 16;

    /// <summary>Largest payload of a frame.</summary>
    public int MaxFrameBytes { get; init; } = Protocol.ProtocolLimits.MaxFrameBytes;

    /// <summary>Status changes of one user within <see cref="StatusChangesPerMs"/> before they are delayed; 0 = no limit.</summary>
    public int StatusChanges { get; init; } = 5;

    public long StatusChangesPerMs { get; init; } = 30_000;

    public InboxCapacity Inbox { get; init; } = InboxCapacity.Default;

    public TurnBudget Budget { get; init; } = TurnBudget.Default;

    /// <summary>d + 2δ: how long a client may be silent.</summary>
    public long SilentAfterMs => HeartbeatIntervalMs + (2 * ToleranceMs);

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
    public static readonly TurnBudget Default = new(2_048, 8_192, 2_048, 1_024);
}
