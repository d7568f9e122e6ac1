using Presence.Server.Hosting;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;

namespace Presence.Server.Admin;

/// <summary>How one part of the node is.</summary>
/// <param name="Name">Fixed; alerts name it.</param>
/// <param name="Status"><see cref="NodeHealth.Ok"/>, <see cref="NodeHealth.Degraded"/> or <see cref="NodeHealth.Failed"/>.</param>
/// <param name="Detail">For people.</param>
internal sealed record HealthCheck(string Name, string Status, string Detail);

/// <summary>
/// The checks behind /livez and /readyz. Only "failed" makes a node not ready: it then gets no new clients. A store in trouble is "degraded": presence is
/// served without it, and taking out every node that shares the trouble would be worse than the trouble. A journal that cannot be written is "failed": new
/// clients are better off where their statuses are acknowledged; those who are here are served on.
/// </summary>
internal sealed class NodeHealth(ShardSet shards, LastActiveStore store, DiskJournal journal, IHostApplicationLifetime lifetime)
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
    public IReadOnlyList<HealthCheck> Ready() => [Listeners(), Shards(LateMs), Store(), Journal(), MemoryBudget(), Stopping()];

    private HealthCheck Listeners() => lifetime.ApplicationStarted.IsCancellationRequested
        ? new("listeners", Ok, "All are bound.")
        : new("listeners", Failed, "Not all are bound yet.");

    private HealthCheck Stopping() => lifetime.ApplicationStopping.IsCancellationRequested
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

    // It is recovered before anything listens, so there is no check for that.
    private HealthCheck Store()
    {
        StoreHealth health = store.Health;
        return health.Problem is { } problem
            ? new("store", Degraded, problem)
            : new("store", Ok, $"Recovered; {health.Records} records in {health.MemoryBytes} bytes.");
    }

    private HealthCheck Journal()
    {
        JournalHealth health = journal.Health;
        return health.Problem is { } problem
            ? new("journal", health.Acknowledges ? Degraded : Failed, problem)
            : new("journal", Ok, $"{health.Commits} commits.");
    }
}
