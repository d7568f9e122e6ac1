namespace Presence.Engine.Tests;

/// <summary>Every time is in the bucket whose bounds it is between, and in the sum.</summary>
public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(-5, 0, 0)]
    [InlineData(0, 0, 0)]
    [InlineData(50, 0, 50)]
    [InlineData(51, 1, 51)]
    [InlineData(1_000, 4, 1_000)]
    [InlineData(100_000_000, 19, 100_000_000)]
    [InlineData(100_000_001, 20, 100_000_001)]
    public void A_time_is_below_its_bound_and_above_the_one_before(long took, int bucket, long sum)
    {
        var histogram = new LatencyHistogram();
        histogram.Add(took);
        Assert.Equal(1, histogram.CountOf(bucket));
        Assert.Equal(sum, histogram.SumOf(bucket));
        Assert.Equal(1, Enumerable.Range(0, LatencyHistogram.Buckets).Sum(histogram.CountOf));
    }

    [Fact]
    public void Bounds_rise()
    {
        long[] bounds = LatencyHistogram.Bounds.ToArray();
        Assert.Equal(bounds.Order().Distinct(), bounds);
        Assert.Equal(LatencyHistogram.Buckets - 1, bounds.Length);
    }
}
