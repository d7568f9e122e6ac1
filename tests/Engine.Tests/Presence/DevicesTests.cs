using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Many devices, one user (P6).</summary>
public sealed class DevicesTests
{
    private const ulong User = 1;
    private const ulong Watcher = 2;

    [Fact]
    public void One_of_two_devices_of_a_kind_closing_changes_nothing()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection one = world.Connect(User, device: 1);
        ulong version = watcher.VersionOf(User);
        FakeConnection other = world.Connect(User, device: 2);
        one.Goodbye();
        Assert.Equal(version, watcher.VersionOf(User));
        other.Goodbye();
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
    }

    [Fact]
    public void The_best_status_is_shown_and_its_text()
    {
        using var world = new World(2);
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection web = world.Connect(User, device: 1);
        FakeConnection mobile = world.Connect(User, device: 2, status: Status.Away, kind: DeviceKinds.Mobile);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
        Assert.Equal([DeviceKind.Mobile, DeviceKind.Web], watcher.Of(User).DeviceKinds);
        mobile.SetStatus(1, Status.Busy, "in a meeting");
        Assert.Equal(Status.Busy, watcher.StatusOf(User));
        Assert.Equal("in a meeting", watcher.Of(User).StatusText);
        Assert.Equal(watcher.VersionOf(User), mobile.AckOf(1));
        web.SetStatus(2, Status.Away);
        Assert.Equal(Status.Busy, watcher.StatusOf(User));
        mobile.Goodbye();
        Assert.Equal(Status.Away, watcher.StatusOf(User));
        Assert.Equal("", watcher.Of(User).StatusText);
        Assert.Equal([DeviceKind.Web], watcher.Of(User).DeviceKinds);
    }

    [Fact]
    public void The_17th_device_is_refused_and_harms_nobody()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        for (ulong device = 1; device <= 16; device++)
        {
            world.Connect(User, device);
        }

        ulong version = watcher.VersionOf(User);
        FakeConnection refused = world.Connect(User, device: 17);
        Error error = Assert.Single(refused.Errors);
        Assert.Equal((ErrorCode.Limit, LimitNames.Devices, 16UL), (error.Code, error.Which, error.Allowed));
        Assert.Equal(CloseCode.Refused, refused.GoAway);
        Assert.Equal(CloseCode.Refused, refused.ClosedWith);
        Assert.Null(refused.Welcome);
        refused.Watch(1, [Watcher]);
        refused.SetStatus(2, Status.Busy);
        refused.Lose();
        Assert.Equal(version, watcher.VersionOf(User));
        Assert.NotNull(world.Connect(User, device: 16).Welcome);
    }

    [Fact]
    public void An_observer_is_no_device_and_leaves_no_trace()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        world.Advance(1_000);
        device.Lose();
        world.Advance(20_000);
        PresenceEntry gone = watcher.Of(User).Clone();
        Assert.Equal(Status.Offline, gone.Status);
        FakeConnection observer = world.Connect(User, device: 3, status: Status.Offline);
        world.Advance(5_000);
        observer.Beat();
        Assert.Equal(gone, watcher.Of(User));
        observer.Goodbye();
        world.Advance(1_000);
        Assert.Equal(gone, watcher.Of(User));
        Assert.Equal(gone.Version, world.Ask(User).Version);
        Assert.Equal((long)gone.LastActiveMs, world.Ask(User).LastActiveMs);
    }

    [Fact]
    public void A_device_that_comes_back_as_an_observer_was_last_active_then()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        world.Connect(User);
        world.Advance(4_000);
        world.Connect(User, status: Status.Offline);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
        Assert.Equal((ulong)world.WallMs, watcher.Of(User).LastActiveMs);
    }

    [Fact]
    public void The_server_sets_away_who_reports_activity_and_shows_none()
    {
        using var world = new World(options: new ShardOptions { AwayAfterMs = 60_000 });
        FakeConnection watcher = world.Watcher(Watcher, User, 3);
        FakeConnection reports = world.Connect(User, reportsActivity: true);
        FakeConnection silent = world.Connect(3);
        for (int i = 0; i < 7; i++)
        {
            world.Advance(10_000);
            reports.Beat();
            silent.Beat();
            watcher.Beat();
        }

        Assert.Equal(Status.Away, watcher.StatusOf(User));
        Assert.Equal(Status.Online, watcher.StatusOf(3));
        reports.Beat(HeartbeatFlags.Active);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
    }
}
