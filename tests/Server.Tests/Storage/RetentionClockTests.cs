using Presence.Server.Storage;
using Xunit;

namespace Presence.Server.Tests.Storage;

public sealed class RetentionClockTests
{
    private static readonly DateTimeOffset _start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SetWallClock _time = new(_start);
    private readonly RetentionClock _clock;

    public RetentionClockTests() => _clock = new RetentionClock(_time);

    [Fact]
    public void It_is_the_wall_clock_while_nobody_sets_that()
    {
        for (int day = 0; day < 40; day++)
        {
            Assert.Equal(_start.AddDays(day), Now);
            _time.Advance(TimeSpan.FromDays(1));
        }
    }

    [Fact]
    public void Set_ahead_it_goes_twice_as_fast_until_it_is_there()
    {
        _time.AheadBy = TimeSpan.FromDays(10);
        for (int day = 0; day < 30; day++)
        {
            Assert.Equal(_start.AddDays(Math.Min(2 * day, 10 + day)), Now);
            _time.Advance(TimeSpan.FromDays(1));
        }
    }

    [Theory]
    [InlineData(3_650)]
    [InlineData(-3_650)]
    public void Put_right_it_is_right_at_once(int days)
    {
        _time.AheadBy = TimeSpan.FromDays(days);
        _ = Now;
        _time.Advance(TimeSpan.FromDays(1));
        _ = Now;
        _time.AheadBy = TimeSpan.Zero;
        Assert.Equal(_start.AddDays(1), Now);
    }

    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(_clock.NowMs);
}
