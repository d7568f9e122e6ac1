using Presence.LoadClient.Machine;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Series;
using Xunit;

namespace Presence.LoadClient.Tests.Series;

public sealed class RunSeriesTests
{
    [Fact]
    public void A_long_run_keeps_its_whole_length_at_half_the_resolution()
    {
        var series = new RunSeries();
        for (int second = 1; second <= RunSeries.MostSamples + 1; second++)
        {
            series.Add(new Sample { Seconds = second, Phase = "measure", ChangesPerSecond = second, P99Ms = second % 2 == 1 ? 50 : null });
        }

        Assert.Equal((RunSeries.MostSamples / 2) + 1, series.Samples.Count);
        Assert.Equal(TimeSpan.FromSeconds(2), series.Period);
        Assert.Equal((2, 1.5, 50), (series.Samples[0].Seconds, series.Samples[0].ChangesPerSecond, series.Samples[0].P99Ms));
        Assert.Equal(RunSeries.MostSamples + 1, series.Samples[^1].Seconds);
    }

    [Fact]
    public void A_sample_has_the_rates_since_the_one_before()
    {
        var series = new RunSeries();
        var latencies = new Latencies();
        var totals = new RunTotals { SessionsUp = 5, Changes = 10 };
        List<Sample> taken = [];
        var sampler = new SeriesSampler(series, () => totals, latencies, new ServerUsage(static () => []), taken.Add);
        sampler.Begin(TimeSpan.FromSeconds(1));
        totals = new RunTotals { SessionsUp = 7, Changes = 30, Reads = 8 };
        latencies.Add(TimeSpan.FromMilliseconds(3));
        sampler.Phase = "measure";

        Assert.Equal(TimeSpan.FromSeconds(4), sampler.OnDue(TimeSpan.FromSeconds(3)));
        Sample sample = Assert.Single(taken);
        Assert.Equal((7, 10, 4, "measure"), (sample.SessionsUp, sample.ChangesPerSecond, sample.ReadsPerSecond, sample.Phase));
        Assert.InRange(sample.P50Ms!.Value, 2.99, 3.01);
        Assert.Null(sample.ServerRssBytes);
        Assert.Null(sample.ServerCores);
        Assert.True(sample.GeneratorRssBytes > 0);

        sampler.TakeUnlessFresh(TimeSpan.FromSeconds(3.1));
        Assert.Single(taken);
        sampler.TakeUnlessFresh(TimeSpan.FromSeconds(3.5));
        Assert.Null(taken[1].P50Ms);
        Assert.Equal(3, series.Samples.Count);
    }

    [Fact]
    public void Generators_of_one_run_are_added_up()
    {
        var one = new RunTotals { SessionsUp = 1, Changes = 2, Deliveries = 3, Heartbeats = 4, Reads = 5, Failures = 6 };
        Assert.Equal(new RunTotals { SessionsUp = 2, Changes = 4, Deliveries = 6, Heartbeats = 8, Reads = 10, Failures = 12 }, one + one);
    }
}
