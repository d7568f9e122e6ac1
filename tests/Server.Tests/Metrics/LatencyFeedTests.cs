using System.Diagnostics.Metrics;
using Presence.Engine;
using Presence.Server.Diagnostics.Metrics;
using Xunit;

namespace Presence.Server.Tests.Metrics;

/// <summary>What a thread has put into its buckets comes out of the instrument once, each in its bucket and all with their sum.</summary>
public sealed class LatencyFeedTests
{
    [Fact]
    public void Buckets_and_sum_are_carried_over_exactly()
    {
        using var meter = new Meter(nameof(LatencyFeedTests));
        Histogram<double> histogram = meter.CreateHistogram<double>("latency");
        List<double> recorded = [];
        using var listener = new MeterListener();
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) =>
        {
            Assert.Equal("shard", Assert.Single(tags.ToArray()).Key);
            recorded.Add(value);
        });
        listener.EnableMeasurementEvents(histogram);
        var times = new LatencyHistogram();
        var feed = new LatencyFeed(times, histogram, new KeyValuePair<string, object?>("shard", 0));
        long[] took = [0, 50, 51, 90, 100, 101, 700_000, 200_000_000];
        Array.ForEach(took, times.Add);
        feed.Pour();
        feed.Pour();
        Assert.Equal(took.Length, recorded.Count);
        Assert.Equal(took.Sum() / 1e6, recorded.Sum(), precision: 9);
        foreach (long bound in LatencyHistogram.Bounds)
        {
            Assert.Equal(took.Count(time => time <= bound), recorded.Count(time => time <= bound / 1e6));
        }

        times.Add(60);
        feed.Pour();
        Assert.Equal(60 / 1e6, recorded[^1], precision: 12);
        Assert.Equal(took.Length + 1, recorded.Count);
    }
}
