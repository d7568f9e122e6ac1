using Presence.Server.Hosting;

namespace Presence.Server.Admin;

/// <summary>What a shard did a second, over the last seconds.</summary>
internal readonly record struct ShardRate(
    TimeSpan Window, double Heartbeats, double Transitions, double Deliveries, double Turns, TimeSpan MeanLag, TimeSpan LongestLag);

/// <summary>Looks at the counters of every shard once a second and keeps the last ten looks: a rate is the difference to the oldest of them.</summary>
internal sealed class ShardRates(ShardSet shards, NodeClock clock, TimeProvider time) : BackgroundService
{
    private const int Kept = 10;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Queue<Sample>[] _samples = [.. shards.All.Select(static _ => new Queue<Sample>(Kept))];

    public ShardRate Of(ShardHost shard)
    {
        Sample now = Look(shard);
        lock (_gate)
        {
            Queue<Sample> kept = _samples[shard.Number];
            // The oldest look's longest was before the window.
            long longest = kept.Skip(1).Append(now).Max(static sample => sample.LongestLag);
            return kept.TryPeek(out Sample oldest) ? Between(oldest, now, longest) : default;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            do
            {
                LookAtAll();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // Stopping is not a fault.
        }
    }

    private void LookAtAll()
    {
        lock (_gate)
        {
            foreach (ShardHost shard in shards.All)
            {
                Queue<Sample> kept = _samples[shard.Number];
                if (kept.Count == Kept)
                {
                    kept.Dequeue();
                }

                kept.Enqueue(Look(shard) with { LongestLag = shard.Lag.TakeLongest() });
            }
        }
    }

    private Sample Look(ShardHost shard) => new(
        clock.Ticks,
        shard.Heartbeats,
        shard.Counters.Transitions.Sum(),
        shard.Counters.Deliveries,
        shard.Counters.Turns,
        shard.Lag.Sum,
        shard.Lag.Longest);

    private ShardRate Between(in Sample from, in Sample to, long longestLag)
    {
        TimeSpan window = time.GetElapsedTime(from.At, to.At);
        double seconds = Math.Max(window.TotalSeconds, 1e-3);
        return new(
            window,
            (to.Heartbeats - from.Heartbeats) / seconds,
            (to.Transitions - from.Transitions) / seconds,
            (to.Deliveries - from.Deliveries) / seconds,
            (to.Turns - from.Turns) / seconds,
            time.GetElapsedTime(0, (to.LagSum - from.LagSum) / Math.Max(1, to.Turns - from.Turns)),
            time.GetElapsedTime(0, longestLag));
    }

    private readonly record struct Sample(long At, long Heartbeats, long Transitions, long Deliveries, long Turns, long LagSum, long LongestLag);
}
