namespace Presence.Engine.Tests;

/// <summary>What is in a histogram.</summary>
internal static class Latencies
{
    public static long Count(this LatencyHistogram histogram) => Enumerable.Range(0, LatencyHistogram.Buckets).Sum(histogram.CountOf);

    /// <summary>Milliseconds.</summary>
    public static long SumMs(this LatencyHistogram histogram) => Enumerable.Range(0, LatencyHistogram.Buckets).Sum(histogram.SumOf) / 1_000;

    /// <summary>Over all shards.</summary>
    public static long Sum(this World world, Func<ShardCounters, long> read) => world.Shards.Sum(shard => read(shard.Counters));
}
