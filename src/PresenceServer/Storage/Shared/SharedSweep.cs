using Presence.Server.Hosting;

namespace Presence.Server.Storage.Shared;

/// <summary>
/// Deletes from Redis what is past the retention: every hash once a day, evenly over the day, from a place drawn by lot. A hash is swept by the home of the user whose id is its number, so by one
/// node: if each node went through all hashes for its own users, the cluster would read all of them as often as it has nodes. Whoever does it, what has changed meanwhile stays.
/// </summary>
/// <param name="isHome">This node is the home of the user.</param>
internal sealed class SharedSweep(SharedRecords records, RedisLink link, Func<ulong, bool> isHome, Random random, TimeProvider time, ILogger<SharedSweep> logger)
    : BackgroundService
{
    /// <summary>Hashes of a turn, those of other homes included: some milliseconds of Redis at the most.</summary>
    public const int BucketsOfTurn = 256;

    private static readonly TimeSpan s_round = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(4);

    private readonly Seldom _failed = new(time);

    /// <summary>Sweeps those of these hashes that are this node's to sweep.</summary>
    /// <param name="first">Number of the first.</param>
    /// <exception cref="RedisAwayException">Redis did not answer, or not in time.</exception>
    public async Task SweepAsync(int first)
    {
        int[] own = [.. Enumerable.Range(first, BucketsOfTurn).Select(static number => number % SharedKeys.Buckets).Where(number => isHome((ulong)number + 1))];
        if (own.Length > 0)
        {
            await records.SweepAsync(own, s_patience);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        int next = random.Next(SharedKeys.Buckets);
        using var timer = new PeriodicTimer(s_round * BucketsOfTurn / SharedKeys.Buckets, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                next = await TrySweepAsync(next) ? (next + BucketsOfTurn) % SharedKeys.Buckets : next;
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping is not a fault.
        }
    }

    private async Task<bool> TrySweepAsync(int first)
    {
        if (link.IsAway)
        {
            return false;
        }

        try
        {
            await SweepAsync(first);
            return true;
        }
        catch (Exception e)
        {
            // Whatever it is: who stopped would sweep no more.
            if (e is not RedisAwayException && _failed.IsTime())
            {
                logger.SweepFailed(e);
            }

            return e is not RedisAwayException;
        }
    }
}
