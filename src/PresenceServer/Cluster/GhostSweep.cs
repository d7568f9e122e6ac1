using Presence.Engine;
using Presence.Server.Hosting;
using Presence.Server.Http;
using Presence.Server.Storage.Shared;
using Presence.V1;

namespace Presence.Server.Cluster;

/// <summary>
/// Who was on a node that died, and had its home there too, is named to the next home by nobody. Watchers ask; of whom nobody watches the shared records would say for ever that it is there, and so would whoever follows the
/// changes. So behind every change of the ring one node looks through the records for who is there, and asks for each as anybody may: a home that knows nothing of somebody holds it, and then says that it went.
/// </summary>
internal sealed class GhostSweep(SharedRecords records, IOwnership ownership, ViewFollower follower, ShardSet shards, TimeProvider time) : BackgroundService
{
    // Of one question.
    private const int MostUsers = 1_000;

    // How often a home that does not know its users yet is asked in one place, a second each.
    private const int MostTries = 10;

    // The node that is home of this user looks: it is one in every ring.
    private const ulong Lot = 1;

    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(1);

    // Redis and homes have others to answer: between two looks.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(4);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long swept = 0;
        using var timer = new PeriodicTimer(s_lookEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (follower.View is { } view && view.Version != swept && !IsWarming && (!ownership.IsHome(Lot) || await TrySweepAsync(view, stoppingToken)))
                {
                    swept = view.Version;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping is not a fault.
        }
    }

    private bool IsWarming => shards.All.Any(static shard => shard.Counters.Levels.IsWarming);

    // False when it has to begin anew: the ring is another, Redis is away, or some home does not know its users for long.
    private async Task<bool> TrySweepAsync(ClusterView view, CancellationToken stopping)
    {
        (ulong next, string? process) = (0, null);
        do
        {
            PresentSlice slice;
            try
            {
                slice = await records.PresentAsync(next, s_patience).WaitAsync(stopping);
            }
            catch (RedisAwayException)
            {
                return false;
            }

            foreach (UserRecord[] part in slice.Records.Chunk(MostUsers))
            {
                if (!await AreKnownInTimeAsync([.. part.Select(static record => record.UserId)], view, stopping))
                {
                    return false;
                }
            }

            if (slice.Process != (process ?? slice.Process) || follower.View?.Version != view.Version)
            {
                return false;
            }

            (next, process) = (slice.Next, slice.Process);
            await Task.Delay(s_pause, time, stopping);
        }
        while (next != 0);
        return true;
    }

    private async Task<bool> AreKnownInTimeAsync(ulong[] users, ClusterView view, CancellationToken stopping)
    {
        for (int tries = 0; tries < MostTries && follower.View?.Version == view.Version; tries++)
        {
            if (await AreKnownAsync(users, stopping))
            {
                return true;
            }

            await Task.Delay(s_lookEvery, time, stopping);
        }

        return false;
    }

    private async Task<bool> AreKnownAsync(ulong[] users, CancellationToken stopping)
    {
        var question = new PresenceAnswer(users, asker: 0);
        await shards.Of(users[0]).PostReadAsync(question);
        try
        {
            return !Array.Exists(await question.States.WaitAsync(s_patience, time, stopping), static state => state.Status == Status.Unknown);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
