using CsCheck;
using Presence.Server.Configuration;
using Presence.Server.Transport;
using Xunit;

namespace Presence.Server.Tests.Transport;

/// <summary>A rate of one connection: the burst, then no more than the rate, and nothing taken of what is refused.</summary>
public sealed class RateUseTests
{
    [Fact]
    public void In_any_time_no_more_is_taken_than_the_rate_and_its_burst() =>
        Gen.Select(Gen.Int[1, 1_000], Gen.Int[1, 60_000], Gen.Select(Gen.Int[0, 5_000], Gen.Int[1, 50]).Array[1, 200]).Sample((count, perMs, uses) =>
        {
            var limit = RateLimit.Of(new Rate(count, TimeSpan.FromMilliseconds(perMs)));
            var use = default(RateUse);
            long now = 1_000_000, taken = 0;
            foreach ((int pause, int some) in uses)
            {
                now += pause;
                taken += use.TryTake(some, now, limit) ? some : 0;
                Assert.True(taken <= count + ((double)count / perMs * (now - 1_000_000)) + 1e-6, $"{taken} by {now}");
            }
        });

    [Fact]
    public void Who_keeps_to_it_is_never_refused() =>
        Gen.Select(Gen.Int[1, 100], Gen.Int[1, 100]).Sample((count, eachMs) =>
        {
            var limit = RateLimit.Of(new Rate(count, TimeSpan.FromMilliseconds((long)count * eachMs)));
            var use = default(RateUse);
            for (int i = 0; i < 1_000; i++)
            {
                Assert.True(use.TryTake(1, (long)i * eachMs, limit));
            }
        });

    [Fact]
    public void The_burst_comes_back_with_time()
    {
        var limit = RateLimit.Of(Rate.Parse("10/1s"));
        var use = default(RateUse);
        Assert.True(use.TryTake(10, 0, limit));
        Assert.False(use.TryTake(1, 99, limit));
        Assert.True(use.TryTake(1, 100, limit));
        Assert.False(use.TryTake(11, 1_000_000, limit));
        Assert.True(use.TryTake(10, 1_000_000, limit));
    }

    [Fact]
    public void Off_is_no_limit() => Assert.True(default(RateUse).TryTake(int.MaxValue, 0, RateLimit.Of(Rate.Off)));
}
