using HdrHistogram;

namespace Presence.LoadClient.Measuring;

/// <summary>
/// A distribution of times, 1 µs to 10 min to three digits, of a whole run and of its last second. Written and read by one thread.
/// </summary>
internal sealed class Latencies
{
    /// <summary>Points of a percentile plot per halving of the distance to 100 %.</summary>
    private const int PointsPerHalving = 5;

    private static readonly long _highest = (long)TimeSpan.FromMinutes(10).TotalMicroseconds;

    private readonly LongHistogram _whole = New();
    private readonly LongHistogram _window = New();

    /// <param name="latency">What is outside the range counts at its end.</param>
    public void Add(TimeSpan latency)
    {
        long microseconds = Math.Clamp((long)latency.TotalMicroseconds, 1, _highest);
        _whole.RecordValue(microseconds);
        _window.RecordValue(microseconds);
    }

    public LatencySummary Summarize() => Summarize(_whole);

    /// <summary>Takes what was added so far, and begins anew.</summary>
    public LatencySummary Take()
    {
        LatencySummary summary = Summarize();
        _whole.Reset();
        return summary;
    }

    /// <summary>What was added since this was called last.</summary>
    public LatencySummary TakeWindow()
    {
        LatencySummary summary = Summarize(_window);
        if (summary.Count > 0)
        {
            _window.Reset();
        }

        return summary;
    }

    /// <summary>The distribution of the whole run, denser towards 100 %.</summary>
    public IReadOnlyList<PercentilePoint> Percentiles() => _whole.TotalCount == 0 ? [] :
    [
        .. _whole.Percentiles(PointsPerHalving)
            .Select(static step => new PercentilePoint(step.PercentileLevelIteratedTo, step.ValueIteratedTo / 1_000.0)),
    ];

    private static LongHistogram New() => new(_highest, 3);

    private static LatencySummary Summarize(LongHistogram histogram) => histogram.TotalCount == 0
        ? LatencySummary.None
        : new LatencySummary(
            histogram.TotalCount,
            histogram.GetMean() / 1_000,
            Percentile(histogram, 50),
            Percentile(histogram, 90),
            Percentile(histogram, 99),
            Percentile(histogram, 99.9),
            histogram.GetMaxValue() / 1_000.0);

    private static double Percentile(LongHistogram histogram, double percentile) => histogram.GetValueAtPercentile(percentile) / 1_000.0;
}

/// <summary>In milliseconds.</summary>
internal readonly record struct LatencySummary(long Count, double Mean, double P50, double P90, double P99, double P999, double Max)
{
    public static LatencySummary None => default;
}

/// <summary>So many percent took at most so long.</summary>
internal readonly record struct PercentilePoint(double Percentile, double Ms);
