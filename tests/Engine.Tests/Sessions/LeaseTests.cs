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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_a_lease_that_could_not_even_wait_nothing_is_done(bool isLoading)
    {
        _world.Store.AnswersAtOnce = !isLoading;
        FakeConnection device = _world.Connect(User, status: Status.Away);
        FillTheQueue(device, isLoading);
        FakeLease refused = _world.Lease(User, Status.Busy);
        Assert.Equal(LimitNames.StatusChanges, refused.RefusedBy);
        Assert.Null(refused.Answer);
        Assert.Equal(1, _world.ShardOf(User).Users[_world.ShardOf(User).Users.Find(User)].Devices);
        _world.Store.AnswersAtOnce = true;
        _world.Store.AnswerAll();
        _world.Advance(7_000);
        device.Goodbye();
        Assert.Equal(Status.Offline, _watcher.StatusOf(User));
    }

    [Fact]
    public void A_lease_that_is_refused_is_not_renewed()
    {
        _world.Lease(User, Status.Away);
        FakeConnection device = _world.Connect(User, status: Status.Away);
        _world.Advance(30_000);
        device.Beat();
        _watcher.Beat();
        FillTheQueue(device, isLoading: false);
        Assert.Equal(LimitNames.StatusChanges, _world.Lease(User, Status.Away).RefusedBy);
        device.Goodbye();
        _world.Advance(9_999);
        Assert.NotEqual(Status.Offline, _watcher.StatusOf(User));
        _world.Advance(200);
        Assert.Equal(Status.Offline, _watcher.StatusOf(User));
    }

    // As many changes as may wait: behind the load, or behind those that the rate let through.
    private static void FillTheQueue(FakeConnection device, bool isLoading)
    {
        for (int i = 0; i < StatusThrottle.MaxWaiting + (isLoading ? 0 : 5); i++)
        {
            device.SetStatus((ulong)i + 1, Status.Away);
        }

        Assert.Empty(device.Errors);
    }
}
