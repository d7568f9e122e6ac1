using Presence.LoadClient.Measuring;
using Xunit;

namespace Presence.LoadClient.Tests.Measuring;

public sealed class LatenciesTests
{
    private readonly Latencies _latencies = new();

    [Fact]
    public void A_window_has_what_came_since_the_last_and_the_whole_has_all()
    {
        Add(1, 1, 1);
        Assert.Equal(3, _latencies.TakeWindow().Count);
        Add(100);
        LatencySummary window = _latencies.TakeWindow();
        Assert.Equal(1, window.Count);
        Assert.InRange(window.P50, 99.9, 100.1);
        Assert.Equal(0, _latencies.TakeWindow().Count);
        Assert.Equal(4, _latencies.Summarize().Count);
        Assert.InRange(_latencies.Summarize().P50, 0.99, 1.01);
    }

    [Fact]
    public void What_is_taken_is_not_there_any_more()
    {
        Add(1, 2, 3);
        Assert.Equal(3, _latencies.Take().Count);
        Assert.Equal(0, _latencies.Summarize().Count);
        Add(7);
        Assert.InRange(_latencies.Summarize().Max, 6.9, 7.1);
    }

    [Fact]
    public void Percentiles_rise_and_end_with_the_highest()
    {
        Assert.Empty(_latencies.Percentiles());
        Add([.. Enumerable.Range(1, 1_000).Select(static n => (double)n)]);
        IReadOnlyList<PercentilePoint> points = _latencies.Percentiles();
        Assert.Equal(points.OrderBy(static point => point.Percentile).ThenBy(static point => point.Ms), points);
        Assert.Equal(100, points[^1].Percentile);
        Assert.InRange(points[^1].Ms, 999, 1_001);
    }

    private void Add(params double[] milliseconds)
    {
        foreach (double ms in milliseconds)
        {
            _latencies.Add(TimeSpan.FromMilliseconds(ms));
        }
    }
}
