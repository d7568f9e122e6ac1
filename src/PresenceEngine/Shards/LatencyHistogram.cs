namespace Presence.Engine;

/// <summary>
/// How often something took how long, in buckets of 1, 2 and 5 times the powers of ten. One thread adds, which costs two stores and allocates nothing; any other reads, which needs no
/// exact moment.
/// </summary>
public sealed class LatencyHistogram
{
    private static readonly long[] s_bounds =
    [
        50, 100, 200, 500,
        1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000,
        1_000_000, 2_000_000, 5_000_000, 10_000_000, 20_000_000, 50_000_000, 100_000_000,
    ];

    private readonly long[] _counts = new long[Buckets];
    private readonly long[] _sums = new long[Buckets];

    /// <summary>The highest value of each bucket but the last, which has none; microseconds.</summary>
    public static ReadOnlySpan<long> Bounds => s_bounds;

    public static int Buckets => s_bounds.Length + 1;

    /// <summary>Of one that took so many microseconds; less than none counts as none.</summary>
    public void Add(long microseconds)
    {
        long took = Math.Max(0, microseconds);
        int bucket = BucketOf(took);
        Volatile.Write(ref _counts[bucket], _counts[bucket] + 1);
        Volatile.Write(ref _sums[bucket], _sums[bucket] + took);
    }

    /// <summary>How many were in a bucket.</summary>
    public long CountOf(int bucket) => Volatile.Read(ref _counts[bucket]);

    /// <summary>What those took together, microseconds.</summary>
    public long SumOf(int bucket) => Volatile.Read(ref _sums[bucket]);

    // Most are short: from the front it is found at once.
    private static int BucketOf(long microseconds)
    {
        int bucket = 0;
        while (bucket < s_bounds.Length && microseconds > s_bounds[bucket])
        {
            bucket++;
        }

        return bucket;
    }
}
