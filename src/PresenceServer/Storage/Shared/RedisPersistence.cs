using Presence.Server.Admin;
using StackExchange.Redis;

namespace Presence.Server.Storage.Shared;

/// <summary>Whether Redis keeps on disk what it is given: one that does not starts empty, and the cluster with it.</summary>
internal sealed class RedisPersistence(RedisLink link, SharedStoreOptions options, TimeProvider time) : BackgroundService, INodeCheck
{
    private const string Name = "redis persistence";
    private const string Remedy = "Set 'appendonly yes' (and 'appendfsync everysec') in redis.conf, or 'save 60 1' at least, on the primary and on its replicas.";

    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(4);

    // Once it did: a node that serves goes on, since of this all nodes would fail at once.
    private bool _hasPersisted;

    private volatile HealthCheck _check = new(Name, NodeHealth.Degraded, "Redis has not said yet whether it keeps anything on disk.");

    /// <summary>As of the last time that Redis answered.</summary>
    public HealthCheck Check() => _check;

    /// <summary>Looks, if Redis answers.</summary>
    public async Task LookAsync()
    {
        try
        {
            // In a script: the client takes INFO itself for a matter of administrators.
            string said = (await link.AskAsync(static database => database.ScriptEvaluateAsync("return redis.call('INFO', 'persistence')"), s_patience)).ToString();
            HealthCheck check = Judge(said, Has(said, "aof_enabled:1") ? null : await SavePointsAsync());
            _hasPersisted |= check.Status == NodeHealth.Ok;
            _check = check;
        }
        catch (RedisAwayException)
        {
            // What it was like is what is known; that it is away is said elsewhere.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_lookEvery, time);
        try
        {
            do
            {
                await LookAsync();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // Stopping is not a fault.
        }
    }

    // Null where it is not to be asked: services that are run for others refuse CONFIG, and a connection that is not for administrators (AllowAdmin) does not send it.
    private Task<string?> SavePointsAsync() => link.AskAsync(
        static async database =>
        {
            try
            {
                return (string?)(await database.ExecuteAsync("CONFIG", "GET", "save"))[1];
            }
            catch (RedisCommandException)
            {
                return null;
            }
            catch (RedisServerException e) when (e.Message.StartsWith("ERR", StringComparison.Ordinal) || e.Message.StartsWith("NOPERM", StringComparison.Ordinal))
            {
                return null;
            }
        },
        s_patience);

    private HealthCheck Judge(string said, string? savePoints)
    {
        if (Has(said, "aof_enabled:1"))
        {
            return Has(said, "aof_last_write_status:ok")
                ? new(Name, NodeHealth.Ok, "Redis writes an append-only file.")
                : new(Name, NodeHealth.Degraded, "Redis cannot write its append-only file: see its log and its disk.");
        }

        return savePoints switch
        {
            null => new(Name, NodeHealth.Degraded, $"Redis writes no append-only file, and does not say whether it saves snapshots. {Remedy}"),
            "" => new(Name, options.MustPersist && !_hasPersisted ? NodeHealth.Failed : NodeHealth.Degraded, $"Redis keeps nothing on disk: it starts empty, and the cluster loses last-active times. {Remedy}"),
            _ => Has(said, "rdb_last_bgsave_status:ok")
                ? new(Name, NodeHealth.Ok, $"Redis saves snapshots ({savePoints}); what comes between two is shipped again after it is lost.")
                : new(Name, NodeHealth.Degraded, "Redis cannot save its snapshot: see its log and its disk."),
        };
    }

    private static bool Has(string said, string line) => said.Contains(line + "\r", StringComparison.Ordinal);
}
