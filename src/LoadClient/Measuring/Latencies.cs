using HdrHistogram;

namespace Presence.LoadClient.Measuring;

/// <summary>A distribution of times, 1 µs to 10 min to three digits. Written and read by one thread.</summary>
internal sealed class Latencies
{
    private static readonly long _highest = (long)TimeSpan.FromMinutes(10).TotalMicroseconds;

    private readonly LongHistogram _histogram = new(_highest, 3);

    /// <param name="latency">What is outside the range counts at its end.</param>
    public void Add(TimeSpan latency) => _histogram.RecordValue(Math.Clamp((long)latency.TotalMicroseconds, 1, _highest));

    public LatencySummary Summarize() => _histogram.TotalCount == 0 ? LatencySummary.None : new LatencySummary(
        _histogram.TotalCount,
        _histogram.GetMean() / 1_000,
        Percentile(50),
        Percentile(90),
        Percentile(99),
        Percentile(99.9),
        _histogram.GetMaxValue() / 1_000.0);

    private double Percentile(double percentile) => _histogram.GetValueAtPercentile(percentile) / 1_000.0;
}

/// <summary>In milliseconds.</summary>
internal readonly record struct LatencySummary(long Count, double Mean, double P50, double P90, double P99, double P999, double Max)
{
    public static LatencySummary None => default;
}
