using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>5/30s: five at once, then one every six seconds.</summary>
public sealed class StatusThrottleTests
{
    private const ulong User = 1;

    private readonly StatusThrottle _throttle = new(new ShardOptions());

    [Fact]
    public void Five_pass_at_once_and_the_sixth_waits_six_seconds()
    {
        Spend(5, 1_000);
        Assert.False(_throttle.Admits(User, 1_000, always: false));
        Change change = Delay(1_000);
        Assert.False(_throttle.TryRelease(6_999, out _));
        Assert.True(_throttle.TryRelease(7_000, out List<StatusChange>? released));
        Assert.Equal([change], released);
        Assert.Equal(0, _throttle.Waiting);
    }

    [Fact]
    public void Changes_that_wait_are_released_together_oldest_first()
    {
        Spend(5, 0);
        Change[] changes = [Delay(0), Delay(100), Delay(200)];
        Assert.True(_throttle.TryRelease(6_000, out List<StatusChange>? released));
        Assert.Equal(changes, released);
    }

    [Fact]
    public void A_rate_that_is_kept_is_never_delayed()
    {
        for (long now = 0; now < 600_000; now += 6_000)
        {
            Assert.True(_throttle.Admits(User, now, always: false));
            Assert.False(_throttle.TryRelease(now, out _));
        }
    }

    [Fact]
    public void A_superseded_delay_does_not_release_the_next_one_early()
    {
        Spend(5, 0);
        Delay(0);
        Assert.True(_throttle.Admits(User, 1_000, always: true));
        Assert.Single(_throttle.Supersede(User));
        Assert.False(_throttle.Admits(User, 1_100, always: false));
        Delay(1_100);
        Assert.False(_throttle.TryRelease(6_500, out _));
    }

    [Fact]
    public void Going_offline_often_does_not_put_off_coming_back_for_ever()
    {
        Spend(1_000, 0, always: true);
        Delay(0);
        Assert.True(_throttle.TryRelease(6_000, out _));
    }

    [Fact]
    public void At_most_so_many_of_one_user_wait_and_the_oldest_that_is_void_makes_room()
    {
        Spend(5, 0);
        Change only = Delay(0, device: 7);
        Change[] others = [.. Enumerable.Range(1, StatusThrottle.MaxWaiting - 1).Select(_ => Delay(0))];
        Assert.Equal(StatusThrottle.MaxWaiting, _throttle.Waiting);
        var newest = new Change(User, 2);
        Assert.Same(others[0], _throttle.Delay(newest, 0));
        Assert.Equal(StatusThrottle.MaxWaiting, _throttle.Waiting);
        Assert.True(_throttle.TryRelease(6_000, out List<StatusChange>? released));
        Assert.Equal([only, .. others[1..], newest], released);
    }

    [Fact]
    public void A_device_that_says_something_newer_takes_back_only_its_own()
    {
        Spend(5, 0);
        Change mine = Delay(0);
        Change other = Delay(0, device: 2);
        Assert.Equal([mine], _throttle.Supersede(User, deviceKey: 1));
        Assert.Equal(1, _throttle.Waiting);
        Assert.True(_throttle.TryRelease(6_000, out List<StatusChange>? released));
        Assert.Equal([other], released);
    }

    [Fact]
    public void Users_do_not_pay_for_each_other()
    {
        Spend(5, 0);
        Assert.True(_throttle.Admits(2, 0, always: false));
    }

    [Fact]
    public void Whoever_has_been_quiet_for_the_window_is_forgotten()
    {
        Spend(5, 0);
        Assert.Equal(1, _throttle.Users);
        Assert.False(_throttle.TryRelease(30_000, out _));
        Assert.Equal(0, _throttle.Users);
    }

    [Fact]
    public void Zero_means_no_limit()
    {
        var unlimited = new StatusThrottle(new ShardOptions { StatusChanges = 0 });
        for (int i = 0; i < 1_000; i++)
        {
            Assert.True(unlimited.Admits(User, 0, always: false));
        }
    }

    private void Spend(int changes, long nowMs, bool always = false)
    {
        for (int i = 0; i < changes; i++)
        {
            Assert.True(_throttle.Admits(User, nowMs, always));
        }
    }

    private Change Delay(long nowMs, ulong device = 1)
    {
        var change = new Change(User, device);
        Assert.Null(_throttle.Delay(change, nowMs));
        return change;
    }

    private sealed class Change(ulong userId, ulong device) : StatusChange(Status.Online, text: null)
    {
        internal override ulong UserId => userId;

        internal override ulong DeviceKey => device;

        internal override void Applied(Outbox outbox, in PresenceState visible)
        {
        }

        internal override void Refused(Outbox outbox, int allowed)
        {
        }

        internal override void NotDurable(Outbox outbox)
        {
        }

        internal override void Apply(Shard shard)
        {
        }
    }
}
