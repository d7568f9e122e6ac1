using Presence.Engine;

namespace Presence.Simulation;

/// <summary>The world of a run; times in milliseconds.</summary>
internal sealed record Settings
{
    public required int Shards { get; init; }

    /// <summary>Users there are; watchers ask for a few more, whom nobody has seen.</summary>
    public required int Users { get; init; }

    public required int Clients { get; init; }

    public required ShardOptions Options { get; init; }

    /// <summary>A shard's thread reads its connections itself, as on epoll; else other threads do, as on the framework's sockets.</summary>
    public required bool ShardsRead { get; init; }

    /// <summary>One way, at the best.</summary>
    public required long LatencyMs { get; init; }

    /// <summary>What chance adds to it, at the most.</summary>
    public required long JitterMs { get; init; }

    /// <summary>Bytes on their way to a client that its connection takes without becoming congested.</summary>
    public required int WindowBytes { get; init; }

    /// <summary>Until the store answers, at the most.</summary>
    public required long StoreMs { get; init; }

    /// <summary>Until a process that begins has loaded a part of the store, at the most.</summary>
    public required long LoadMs { get; init; }

    /// <summary>Until the journal's disk has synced, at the most.</summary>
    public required long SyncMs { get; init; }

    /// <summary>How long the journal is kept.</summary>
    public required long RetentionMs { get; init; }

    public required long CheckpointEveryMs { get; init; }

    public required long CheckpointTakesMs { get; init; }

    /// <summary>From the first turn of a process until it accepts.</summary>
    public required long StartTakesMs { get; init; }

    /// <summary>In which all clients are let in, one after the other; 0: all may come at once.</summary>
    public required long LetInMs { get; init; }

    /// <summary>The latest slot that one who comes beside it is given.</summary>
    public required long LatestSlotMs { get; init; }

    /// <summary>Over which clients are told to come back when the node stops; 0: each as it likes.</summary>
    public required long DrainMs { get; init; }

    /// <summary>Between two things a client does, whatever its habits: so many would do more than anybody wants to wait for.</summary>
    public long CalmMs { get; init; }

    /// <summary>How long clients do what they like and things go wrong.</summary>
    public required long LengthMs { get; init; }

    /// <summary>How often everything is compared with the truth.</summary>
    public required long LookEveryMs { get; init; }

    /// <summary>d + 2δ, by design §3 and not by what the engine makes of it: a silent client is gone.</summary>
    /// <param name="intervalMs">What counts as d.</param>
    public long SilentAfterMs(long intervalMs) => intervalMs + (2 * Options.ToleranceMs);

    /// <summary>The same for one who was told no other interval.</summary>
    public long UsualSilenceMs => SilentAfterMs(Options.HeartbeatIntervalMs);

    /// <summary>Nobody is told to come later than that.</summary>
    public long LongestSlotMs => Math.Max(DrainMs, LetInMs);

    /// <summary>d + 4δ, likewise: those of before a restart are gone.</summary>
    public long RecoverForMs => Options.HeartbeatIntervalMs + (4 * Options.ToleranceMs);

    public override string ToString() =>
        $"{Shards} shards, {Users} users, {Clients} clients, d {Options.HeartbeatIntervalMs} δ {Options.ToleranceMs} h {Options.HoldMs}, "
        + $"{(ShardsRead ? "shards read" : "threads read")}, latency {LatencyMs}+{JitterMs}, window {WindowBytes}, store {StoreMs}, "
        + $"checkpoint every {CheckpointEveryMs}, all let in within {LetInMs}, drained over {DrainMs}, {LengthMs / 1_000} s";
}
