using Microsoft.Extensions.Time.Testing;
using Presence.Server.Configuration;
using Presence.Server.Hosting;
using Presence.Server.Transport;
using Xunit;

namespace Presence.Server.Tests.Transport;

public sealed class UserRatesTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Each_has_the_rate_and_it_comes_back()
    {
        UserRates rates = Of("2/10s");
        Assert.Equal([true, true, false], [rates.TryTake(1), rates.TryTake(1), rates.TryTake(1)]);
        Assert.True(rates.TryTake(2));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal([true, false], [rates.TryTake(1), rates.TryTake(1)]);
    }

    [Fact]
    public void Who_has_not_used_it_for_long_is_not_kept()
    {
        const int Many = 10_000;
        UserRates rates = Of("2/10s");
        for (int round = 0; round < 10; round++)
        {
            for (ulong user = 1; user <= Many; user++)
            {
                Assert.True(rates.TryTake(((ulong)round * Many) + user));
            }

            _time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.InRange(rates.Kept, 1, 2 * Many);
    }

    [Fact]
    public void Without_a_rate_nobody_is_kept()
    {
        UserRates rates = Of("0");
        Assert.True(rates.TryTake(1));
        Assert.Equal(0, rates.Kept);
    }

    private UserRates Of(string rate) => new(RateLimit.Of(Rate.TryParse(rate, out Rate parsed) ? parsed : default), new NodeClock(_time));
}
