using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Presence over HTTP: a lease of d + 2δ, renewed by repeating it.</summary>
public sealed class LeaseTests : IDisposable
{
    private const ulong User = 1;
    private const ulong Watcher = 2;

    private readonly World _world = new(2);
    private readonly FakeConnection _watcher;

    public LeaseTests() => _watcher = _world.Watcher(Watcher, User);

    public void Dispose() => _world.Dispose();

    [Fact]
    public void It_lasts_as_long_as_it_is_renewed()
    {
        FakeLease lease = _world.Lease(User, Status.Busy);
        Assert.Equal((Status.Busy, _watcher.VersionOf(User)), (lease.Answer!.Value.Status, lease.Answer.Value.Version));
        _world.Advance(35_000);
        _watcher.Beat();
        ulong version = _watcher.VersionOf(User);
        _world.Lease(User, Status.Busy);
        long renewed = _world.WallMs;
        _world.Advance(30_000);
        _watcher.Beat();
        _world.Advance(9_999);
        Assert.Equal((Status.Busy, version), (_watcher.StatusOf(User), _watcher.VersionOf(User)));
        _world.Advance(101);
        Assert.Equal(Status.Offline, _watcher.StatusOf(User));
        Assert.Equal((ulong)renewed, _watcher.Of(User).LastActiveMs);
    }

    [Fact]
    public void Offline_ends_the_http_devices_and_no_other()
    {
        FakeConnection device = _world.Connect(User, status: Status.Away);
        FakeConnection stream = _world.Connect(User, device: 5, http: true);
        _world.Lease(User, Status.Busy);
        Assert.Equal(Status.Busy, _watcher.StatusOf(User));
        FakeLease offline = _world.Lease(User, Status.Offline);
        Assert.Equal(Status.Away, _watcher.StatusOf(User));
        Assert.Equal(Status.Away, offline.Answer!.Value.Status);
        Assert.NotNull(stream.ClosedWith);
        Assert.Null(device.ClosedWith);
    }

    [Fact]
    public void Offline_of_somebody_unknown_is_answered()
    {
        Assert.Equal(PresenceState.NeverSeen(77), _world.Lease(77, Status.Offline).Answer!.Value);
        Assert.Equal(1, _world.Shards.Sum(shard => shard.Users.Count));
    }

    [Fact]
    public void Who_comes_to_be_invisible_is_not_seen_to_come()
    {
        _world.Lease(User, Status.Online);
        _world.Lease(User, Status.Offline);
        PresenceEntry before = _watcher.Of(User).Clone();
        _world.Advance(5_000);
        _world.Lease(User, Status.Invisible);
        Assert.Equal(before, _watcher.Of(User));
    }

    [Fact]
    public void Invisible_is_the_users_and_the_answer_shows_what_others_see()
    {
        FakeConnection device = _world.Connect(User);
        FakeLease lease = _world.Lease(User, Status.Invisible);
        Assert.Equal(Status.Offline, lease.Answer!.Value.Status);
        Assert.Equal(Status.Offline, _watcher.StatusOf(User));
        device.SetStatus(1, Status.Online);
        Assert.Equal(Status.Online, _watcher.StatusOf(User));
    }

    [Fact]
    public void The_17th_device_is_refused_over_http_too()
    {
        for (ulong device = 1; device <= 16; device++)
        {
            _world.Connect(User, device);
        }

        FakeLease lease = _world.Lease(User, Status.Busy);
        Assert.Equal(LimitNames.Devices, lease.RefusedBy);
        Assert.Null(lease.Answer);
    }

    [Fact]
    public void A_lease_that_finds_no_room_to_wait_takes_that_of_the_oldest_change_that_is_void()
    {
        FakeConnection device = _world.Connect(User, status: Status.Away);
        for (int i = 0; i < StatusThrottle.MaxWaiting + 5; i++)
        {
            device.SetStatus((ulong)i + 1, Status.Away);
        }

        FakeLease lease = _world.Lease(User, Status.Busy);
        Assert.Null(lease.Answer);
        Assert.True(device.IsAcked(6));
        Assert.False(device.IsAcked(7));
        _world.Advance(7_000);
        Assert.Equal(Status.Busy, lease.Answer!.Value.Status);
        Assert.Equal(Status.Busy, _watcher.StatusOf(User));
    }

    [Fact]
    public void While_the_store_is_silent_the_newest_lease_is_kept_and_the_oldest_void_one_refused()
    {
        _world.Store.AnswersAtOnce = false;
        FakeLease[] leases = [.. Enumerable.Range(0, StatusThrottle.MaxWaiting + 1).Select(_ => _world.Lease(User, Status.Busy))];
        Assert.Equal(LimitNames.StatusChanges, leases[0].RefusedBy);
        Assert.All(leases[1..], lease => Assert.Null(lease.RefusedBy));
        _world.Store.AnswersAtOnce = true;
        _world.Store.AnswerAll();
        _world.Advance(7_000);
        Assert.Null(leases[0].Answer);
        Assert.All(leases[1..], lease => Assert.Equal(Status.Busy, lease.Answer!.Value.Status));
    }

    [Fact]
    public void A_renewal_is_no_choice_to_be_seen()
    {
        FakeConnection phone = _world.Connect(User);
        _world.Lease(User, Status.Busy);
        phone.SetStatus(1, Status.Invisible);
        Assert.Equal(Status.Offline, _world.Lease(User, Status.Busy).Answer!.Value.Status);
        Assert.Equal(Status.Offline, _watcher.StatusOf(User));
        _world.Lease(User, Status.Offline);
        Assert.Equal(Status.Offline, _watcher.StatusOf(User));
    }

    [Fact]
    public void A_renewal_that_waits_when_its_lease_ends_is_none_either()
    {
        FakeConnection phone = _world.Connect(User);
        _world.Lease(User, Status.Busy);
        phone.SetStatus(1, Status.Invisible);
        FakeLease renewed = _world.Lease(User, Status.Busy);
        for (int i = 0; i < 5 && renewed.Answer is not null; i++)
        {
            renewed = _world.Lease(User, Status.Busy);
        }

        Assert.Null(renewed.Answer);
        _world.Lease(User, Status.Offline);
        Assert.NotNull(renewed.Answer);
        Assert.Equal(Status.Offline, _watcher.StatusOf(User));
    }

    [Theory]
    [InlineData(false, Status.Offline)]
    [InlineData(true, Status.Online)]
    public void A_renewal_before_the_user_was_loaded_is_none_though_its_lease_has_ended_by_then(bool isNewLease, Status shown)
    {
        _world.Store.AnswersAtOnce = false;
        _world.Connect(User);
        _world.Lease(User, Status.Busy);
        _world.Lease(User, Status.Invisible, device: 901);
        if (isNewLease)
        {
            _world.Lease(User, Status.Offline);
        }

        _world.Lease(User, Status.Busy);
        _world.Lease(User, Status.Offline);
        _world.Store.AnswersAtOnce = true;
        _world.Store.AnswerAll();
        _world.Advance(100);
        Assert.Equal(shown, _watcher.StatusOf(User));
    }

    [Fact]
    public void A_choice_to_be_seen_counts_though_its_lease_has_ended_before_the_user_was_loaded()
    {
        _world.Store.AnswersAtOnce = false;
        for (int i = 0; i < 5; i++)
        {
            _world.Lease(User, Status.Invisible);
        }

        FakeLease chosen = _world.Lease(User, Status.Online);
        _world.Lease(User, Status.Offline);
        _world.Store.AnswersAtOnce = true;
        _world.Store.AnswerAll();
        _world.Advance(100);
        Assert.NotNull(chosen.Answer);
        _world.Connect(User);
        Assert.Equal(Status.Online, _watcher.StatusOf(User));
    }

    [Theory]
    [InlineData(Status.Busy, Status.Away)]
    [InlineData(Status.Offline, Status.Busy)]
    [InlineData(Status.Invisible, Status.Online)]
    public void Another_status_or_a_new_lease_is_a_choice_to_be_seen(Status before, Status now)
    {
        FakeConnection phone = _world.Connect(User, status: Status.Offline);
        _world.Lease(User, before);
        phone.SetStatus(1, Status.Invisible);
        _world.Lease(User, now);
        Assert.Equal(now, _watcher.StatusOf(User));
    }

    [Fact]
    public void Coming_and_going_by_lease_is_under_the_users_rate_and_the_answer_is_what_is_visible()
    {
        int before = _watcher.Updates.Count();
        List<FakeLease> open = [];
        for (int i = 0; i < 15; i++)
        {
            FakeLease online = _world.Lease(User, Status.Online);
            Assert.True(online.Answer is null || online.Answer.Value.Status == Status.Online);
            open.Add(online);
            Assert.Equal(Status.Offline, _world.Lease(User, Status.Offline).Answer!.Value.Status);
            _world.Advance(100);
        }

        Assert.InRange(_watcher.Updates.Count() - before, 2, 6);
        Assert.All(open, lease => Assert.NotNull(lease.Answer));
        FakeLease last = _world.Lease(User, Status.Online);
        _world.Advance(6_100);
        Assert.Equal(Status.Online, last.Answer!.Value.Status);
        Assert.Equal(Status.Online, _watcher.StatusOf(User));
    }

    [Fact]
    public void A_lease_that_waits_does_not_end_what_is_shown_after_a_restart()
    {
        _world.Connect(User, status: Status.Busy);
        using World after = _world.Restart(afterMs: 1_000);
        FakeConnection watcher = after.Watcher(Watcher, User);
        FakeConnection observer = after.Connect(User, device: 5, status: Status.Offline);
        for (ulong request = 1; request <= 5; request++)
        {
            observer.SetStatus(request, Status.Offline);
        }

        FakeLease lease = after.Lease(User, Status.Away);
        Assert.Null(lease.Answer);
        observer.Goodbye();
        Assert.Equal(Status.Busy, watcher.StatusOf(User));
        after.Advance(6_100);
        Assert.Equal(Status.Away, watcher.StatusOf(User));
    }
}
