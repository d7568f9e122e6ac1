using Presence.Server.Configuration;
using Presence.Server.Hosting;
using Presence.Server.Security.Revoking;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;

namespace Presence.Server.Admin;

/// <summary>How one part of the node is.</summary>
/// <param name="Name">Fixed; alerts name it.</param>
/// <param name="Status"><see cref="NodeHealth.Ok"/>, <see cref="NodeHealth.Degraded"/> or <see cref="NodeHealth.Failed"/>.</param>
/// <param name="Detail">For people.</param>
internal sealed record HealthCheck(string Name, string Status, string Detail);

/// <summary>
/// The checks behind /livez and /readyz. Only "failed" makes a node not ready: it then gets no new clients. A store or a journal in trouble is "degraded":
/// presence is served without them (P3), and a full disk that takes the only node out, or every node that shares it, would be worse than the trouble. So is a
/// store that is being loaded: its users have d + 4δ from when the node accepts to come back unnoticed, and must be let in to do so.
/// </summary>
internal sealed class NodeHealth(
    ShardSet shards,
    LastActiveStore store,
    DiskJournal journal,
    RevocationUpkeep revocations,
    PresenceConfiguration configuration,
    Drain drain,
    IHostApplicationLifetime lifetime,
    IEnumerable<INodeCheck> others)
{
    public const string Ok = "ok";
    public const string Degraded = "degraded";
    public const string Failed = "failed";

    // A shard turns ten times a second; the engine calls a silence over a second a gap.
    private const long LateMs = 1_000;

    // Past this a restart helps more than patience.
    private const long StuckMs = 10_000;

    /// <summary>Whether the process should go on at all.</summary>
    public IReadOnlyList<HealthCheck> Live() => [Shards(StuckMs)];

    /// <summary>Whether new clients should be sent here.</summary>
    public IReadOnlyList<HealthCheck> Ready() => [Listeners(), Shards(LateMs), Recovery(), Store(), Journal(), MemoryBudget(), Users(), Revocations(), .. others.Select(static other => other.Check()), Stopping()];

    private HealthCheck Listeners() => lifetime.ApplicationStarted.IsCancellationRequested
        ? new("listeners", Ok, "All are bound.")
        : new("listeners", Failed, "Not all are bound yet.");

    private HealthCheck Stopping() => drain.IsUnderWay || lifetime.ApplicationStopping.IsCancellationRequested
        ? new("stopping", Failed, "The node is stopping; its clients are told to come back.")
        : new("stopping", Ok, "The node goes on.");

    private HealthCheck Shards(long limitMs)
    {
        string[] still = [.. shards.All.Where(shard => shard.StillForMs > limitMs).Select(static shard => $"{shard.Number} for {shard.StillForMs} ms")];
        return still is []
            ? new("shards", Ok, $"{shards.All.Count} turn.")
            : new("shards", Failed, $"Without a turn: shard {string.Join(", ", still)}. The machine is overloaded, was stopped, or a shard is stuck.");
    }

    // Not failed: a node that is taken out for it would be of no use to those it still serves, and who is known may come back.
    private HealthCheck MemoryBudget() => store.IsFull
        ? new("memory budget", Degraded, "Presence:Store:MemoryBudget is used up: new users are told to come back later, known ones are served.")
        : new("memory budget", Ok, $"{store.Health.MemoryBytes} bytes are used.");

    private HealthCheck Users()
    {
        int allowed = configuration.Limits.ShardUsers;
        int[] full = [.. shards.All.Where(shard => shard.Counters.Users >= allowed).Select(static shard => shard.Number)];
        return full is []
            ? new("users", Ok, $"{shards.All.Sum(static shard => shard.Counters.Users)} are in memory.")
            : new("users", Degraded, $"Presence:Limits:ShardUsers is reached on shard {string.Join(", ", full)}: new users are told to come back later; run more shards.");
    }

    private HealthCheck Revocations() => revocations.Problem is { } problem
        ? new("revocations", Degraded, $"The list cannot be read; the last good one stays in force. {problem}")
        : new("revocations", Ok, "All that is known is in force.");

    private HealthCheck Recovery()
    {
        StoreHealth health = store.Health;
        return health.IsLoaded
            ? new("recovery", Ok, $"Recovered; {health.Loaded} records were loaded.")
            : new("recovery", Degraded, $"Recovering: {health.Loaded} of {health.ToLoad} records. Of users who are not loaded yet nothing is known: they are answered UNKNOWN.");
    }

    private HealthCheck Store()
    {
        StoreHealth health = store.Health;
        string? problem = store.IsBehind
            ? $"{health.PendingUsers} records wait for the store's thread: new users are told to come back later. {health.Problem}"
            : health.Problem;
        return problem is not null
            ? new("store", Degraded, problem.TrimEnd())
            : new("store", Ok, $"{health.Records} records in {health.MemoryBytes} bytes.");
    }

    private HealthCheck Journal()
    {
        JournalHealth health = journal.Health;
        return health.Problem is { } problem
            ? new("journal", Degraded, $"Presence is served on; {problem}.")
            : new("journal", Ok, $"{health.Commits} commits.");
    }
}
