using CsCheck;

namespace Presence.Engine.Tests;

/// <summary>Against a model that forgets nothing.</summary>
public sealed class GapHistoryTests
{
    private static readonly Gen<(long After, long Ms)[]> _gaps =
        Gen.Select(Gen.Frequency((1, Gen.Const(0L)), (6, Gen.Long[1, 3_000]), (1, Gen.Long[1, 10_000_000])), Gen.Long[0, 100_000]).Array[1, 200];

    [Fact]
    public void No_gap_is_lost_and_no_moment_is_taken_for_older_than_it_is() => _gaps.Sample(gaps =>
    {
        var history = new GapHistory();
        List<(long At, long Ms)> all = [];
        foreach ((long at, long ms) in Placed(gaps))
        {
            history.Add(at, ms);
            all.Add((at, ms));
            AssertSound(history, all);
        }
    });

    [Fact]
    public void Few_gaps_are_told_exactly() => _gaps.Sample(gaps =>
    {
        var history = new GapHistory();
        List<(long At, long Ms)> all = [.. Placed(gaps).Take(GapHistory.Kept)];
        all.ForEach(gap => history.Add(gap.At, gap.Ms));
        Assert.All(Moments(all), moment => Assert.Equal(Exactly(all, moment), history.Before(moment)));
    });

    [Fact]
    public void Of_many_gaps_the_young_stay_exact_and_the_old_are_told_to_half_their_age()
    {
        var history = new GapHistory();
        List<(long At, long Ms)> all = [];
        for (long now = 0; now < 600_000; now += 2_100)
        {
            history.Add(now, 2_000);
            all.Add((now, 2_000));
            foreach (long moment in Moments(all))
            {
                long age = Math.Max(0, now - moment);
                Assert.True(history.Before(moment) >= Exactly(all, moment - (age / 2) - 2_000), $"{moment} at {now}");
                Assert.True(age > 4_000 || history.Before(moment) == Exactly(all, moment), $"{moment} at {now}");
            }
        }
    }

    [Fact]
    public void Gaps_that_follow_each_other_are_one()
    {
        var history = new GapHistory();
        history.Add(1_000, 500);
        for (long at = 10_000; at < 70_000; at += 100)
        {
            history.Add(at, 100);
        }

        Assert.Equal(0, history.Before(1_000));
        Assert.Equal(200, history.Before(1_200));
        Assert.Equal(500 + 30_000, history.Before(40_000));
        Assert.Equal(500 + 60_000, history.Before(70_000));
    }

    // One behind the end of the other, in real time.
    private static IEnumerable<(long At, long Ms)> Placed((long After, long Ms)[] gaps)
    {
        long now = 0;
        foreach ((long after, long ms) in gaps)
        {
            now += after;
            yield return (now, ms);
            now += ms;
        }
    }

    private static void AssertSound(GapHistory history, List<(long At, long Ms)> all)
    {
        long end = all[^1].At + all[^1].Ms;
        Assert.Equal(all.Sum(gap => gap.Ms), history.Before(end));
        (long moment, long told) before = (0, 0);
        foreach (long moment in Moments(all))
        {
            long told = history.Before(moment);
            Assert.InRange(told - before.told, 0, moment - before.moment);
            Assert.True(told <= Exactly(all, moment));
            before = (moment, told);
        }
    }

    // Between these nothing but time passes.
    private static IEnumerable<long> Moments(List<(long At, long Ms)> all) =>
        all.SelectMany(gap => new[] { gap.At, gap.At + (gap.Ms / 2), gap.At + gap.Ms }).Distinct().Order();

    private static long Exactly(List<(long At, long Ms)> all, long moment) => all.Sum(gap => Math.Clamp(moment - gap.At, 0, gap.Ms));
}
