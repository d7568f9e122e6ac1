using CsCheck;

namespace Presence.Engine.Tests;

/// <summary>Against a model that forgets nothing.</summary>
public sealed class GapHistoryTests
{
    private static readonly Gen<(long After, long Ms)[]> _gaps =
        Gen.Select(Gen.Frequency((1, Gen.Const(0L)), (6, Gen.Long[1, 3_000]), (1, Gen.Long[1, 10_000_000])), Gen.Long[0, 100_000]).Array[0, 200];

    [Fact]
    public void No_gap_is_lost_to_the_moments_before_it_or_counts_for_those_after_it() => _gaps.Sample(gaps =>
    {
        var history = new GapHistory();
        List<(long At, long Ms)> all = [];
        long now = 0;
        foreach ((long after, long ms) in gaps)
        {
            now += after;
            history.Add(now, ms);
            all.Add((now, ms));
            AssertSound(history, all);
        }
    });

    [Fact]
    public void Few_gaps_are_told_exactly() => _gaps.Sample(gaps =>
    {
        var history = new GapHistory();
        List<(long At, long Ms)> all = [];
        long now = 0;
        foreach ((long after, long ms) in gaps.Take(GapHistory.Kept))
        {
            now += after;
            history.Add(now, ms);
            all.Add((now, ms));
        }

        Assert.All(Moments(all), moment => Assert.Equal(Exactly(all, moment), history.After(moment)));
    });

    [Fact]
    public void Of_many_gaps_the_young_stay_exact_and_the_old_are_told_to_half_their_age()
    {
        var history = new GapHistory();
        List<(long At, long Ms)> all = [];
        for (long now = 0; now < 330_000; now += 1_100)
        {
            history.Add(now, 2_000);
            all.Add((now, 2_000));
            foreach (long moment in Moments(all))
            {
                long age = now - moment;
                Assert.True(history.After(moment) >= Exactly(all, moment + (age / 2)), $"{moment} at {now}");
                Assert.True(age > 4_000 || history.After(moment) == Exactly(all, moment), $"{moment} at {now}");
            }
        }
    }

    private static void AssertSound(GapHistory history, List<(long At, long Ms)> all)
    {
        Assert.Equal(Exactly(all, 0), history.After(0));
        long before = long.MaxValue;
        foreach (long moment in Moments(all))
        {
            long told = history.After(moment);
            Assert.InRange(told, 0, Math.Min(before, Exactly(all, moment)));
            before = told;
        }

        Assert.Equal(0, history.After(all[^1].At + 1));
        Assert.Equal(Exactly(all, all[^1].At), history.After(all[^1].At));
    }

    // Between any two gaps nothing changes: each gap and the moment after it stand for all.
    private static IEnumerable<long> Moments(List<(long At, long Ms)> all) => all.SelectMany(gap => new[] { gap.At, gap.At + 1 }).Distinct().Order();

    private static long Exactly(List<(long At, long Ms)> all, long moment) => all.Where(gap => gap.At >= moment).Sum(gap => gap.Ms);
}
