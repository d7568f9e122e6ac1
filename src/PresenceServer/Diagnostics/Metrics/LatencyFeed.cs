using System.Diagnostics.Metrics;
using Presence.Engine;

namespace Presence.Server.Diagnostics.Metrics;

/// <summary>
/// Carries what a thread has put into buckets of its own over into an instrument: .NET has no histogram that is read when it is wanted, and the thread must not call one. Buckets and sum are
/// exactly the thread's; within a bucket all have its mean. For one thread.
/// </summary>
internal sealed class LatencyFeed(LatencyHistogram from, Histogram<double> to, params KeyValuePair<string, object?>[] attributes)
{
    private const double Second = 1e6;

    private readonly long[] _counts = new long[LatencyHistogram.Buckets];
    private readonly long[] _sums = new long[LatencyHistogram.Buckets];

    /// <summary>What has come since the last time.</summary>
    public void Pour()
    {
        for (int bucket = 0; bucket < LatencyHistogram.Buckets; bucket++)
        {
            long count = from.CountOf(bucket);
            if (count != _counts[bucket])
            {
                Pour(bucket, count, from.SumOf(bucket));
            }
        }
    }

    // The last may be counted and its time not be in the sum yet: what is read between the two is put right by the next look, and stays in its bucket.
    private void Pour(int bucket, long count, long sum)
    {
        long news = count - _counts[bucket];
        double mean = Math.Clamp((sum - _sums[bucket]) / (double)news, Lowest(bucket), Highest(bucket)) / Second;
        for (long i = 0; i < news; i++)
        {
            to.Record(mean, attributes);
        }

        (_counts[bucket], _sums[bucket]) = (count, sum);
    }

    // A bucket has its upper bound and not its lower one.
    private static long Lowest(int bucket) => bucket == 0 ? 0 : LatencyHistogram.Bounds[bucket - 1] + 1;

    private static long Highest(int bucket) => bucket < LatencyHistogram.Bounds.Length ? LatencyHistogram.Bounds[bucket] : long.MaxValue;
}
