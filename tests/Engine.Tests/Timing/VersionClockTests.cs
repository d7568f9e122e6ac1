using CsCheck;

namespace Presence.Engine.Tests;

public sealed class VersionClockTests
{
    private const long HourMs = 3_600_000;
    private const long WallMs = 1_790_000_000_000;

    [Fact]
    public void Stamps_rise_strictly_whatever_the_wall_clock_does() =>
        Gen.Select(Gen.Int[0, VersionClock.MaxOrdinal], Gen.Long[-HourMs, HourMs].Array[1, 300]).Sample((ordinal, steps) =>
        {
            var clock = new VersionClock(ordinal);
            ulong last = 0;
            foreach (long offset in steps)
            {
                ulong stamp = clock.Next(WallMs + offset);
                Assert.True(stamp > last);
                Assert.Equal(ordinal, (int)(stamp & VersionClock.MaxOrdinal));
                last = stamp;
            }
        });

    [Fact]
    public void A_stamp_lies_above_all_that_was_merged_and_presented() =>
        Gen.Select(Gen.ULong[0, ulong.MaxValue >> 2], Gen.ULong[0, ulong.MaxValue >> 2]).Sample((merged, above) =>
        {
            var clock = new VersionClock(3);
            clock.Merge(merged);
            return clock.Next(WallMs, above) > Math.Max(merged, above);
        });

    [Fact]
    public void More_stamps_than_a_millisecond_has_carry_into_the_next()
    {
        var clock = new VersionClock(7);
        ulong first = clock.Next(WallMs);
        Assert.Equal(WallMs, VersionClock.MsOf(first));
        ulong stamp = first;
        for (int i = 0; i < 64; i++)
        {
            stamp = clock.Next(WallMs);
        }

        Assert.Equal(WallMs + 1, VersionClock.MsOf(stamp));
        Assert.Equal(WallMs + 2, VersionClock.MsOf(clock.Next(WallMs + 2)));
    }

    [Fact]
    public void Clocks_of_two_homes_never_give_the_same_stamp()
    {
        var one = new VersionClock(1);
        var other = new VersionClock(2);
        var seen = new HashSet<ulong>();
        for (int i = 0; i < 1_000; i++)
        {
            Assert.True(seen.Add(one.Next(WallMs)));
            Assert.True(seen.Add(other.Next(WallMs)));
            other.Merge(one.Last);
        }
    }

    [Fact]
    public void The_future_begins_after_what_honest_clocks_differ()
    {
        ulong stamp = (ulong)(WallMs + VersionClock.MaxAheadMs) << 16;
        Assert.False(VersionClock.IsFromTheFuture(stamp, WallMs));
        Assert.True(VersionClock.IsFromTheFuture(stamp, WallMs - 1));
    }

    [Fact]
    public void Versions_of_different_users_may_be_one_and_those_of_a_user_rise()
    {
        var clock = new VersionClock(3);
        ulong first = clock.Above(0, WallMs);
        Assert.Equal(first, clock.Above(0, WallMs));
        ulong second = clock.Above(first, WallMs);
        Assert.True(second > first);
        Assert.Equal(second, clock.Above(first, WallMs - 50));
        for (int user = 0; user < 1_000_000; user++)
        {
            clock.Above(0, WallMs);
        }

        Assert.Equal(WallMs, VersionClock.MsOf(clock.Last));
    }

    [Fact]
    public void A_stamp_of_another_home_is_never_given_again()
    {
        var other = new VersionClock(4);
        ulong theirs = other.Next(WallMs + 10);
        var clock = new VersionClock(3);
        clock.Above(0, WallMs);
        clock.Merge(theirs);
        Assert.True(clock.Above(0, WallMs) > theirs);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-3_600_000L)]
    public void What_the_process_before_gave_and_did_not_store_is_not_given_again(long steppedByMs)
    {
        var before = new VersionClock(3);
        ulong stored = before.Next(WallMs);
        ulong[] lost = [.. Enumerable.Range(1, 1_000).Select(i => before.Next(WallMs + i + steppedByMs))];
        var clock = new VersionClock(3);
        clock.GoOnFrom(stored, WallMs + steppedByMs);
        Assert.True(clock.Next(WallMs + steppedByMs) > lost[^1]);
    }

    [Fact]
    public void What_was_stored_long_ago_leaves_the_clock_at_the_wall_s()
    {
        var clock = new VersionClock(3);
        clock.GoOnFrom(new VersionClock(3).Next(WallMs - 60_000), WallMs);
        Assert.Equal(WallMs, VersionClock.MsOf(clock.Next(WallMs)));
    }

    [Fact]
    public void However_often_a_process_starts_its_stamps_stay_within_what_is_believed()
    {
        ulong stored = new VersionClock(3).Next(WallMs);
        for (long wall = WallMs; wall < WallMs + 60_000; wall += 300)
        {
            var clock = new VersionClock(3);
            clock.GoOnFrom(stored, wall);
            ulong next = clock.Next(wall);
            Assert.True(next > stored);
            Assert.False(VersionClock.IsFromTheFuture(next, wall));
            stored = next;
        }
    }
}
