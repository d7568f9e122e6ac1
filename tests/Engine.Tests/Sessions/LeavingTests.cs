using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>How a device goes, and when others see it (P3, P4), on one shard and on several.</summary>
public sealed class LeavingTests
{
    private const ulong User = 1;
    private const ulong Watcher = 2;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void A_goodbye_is_seen_at_once(int shards)
    {
        using var world = new World(shards);
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
        world.Advance(1_234);
        device.Goodbye();
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
        Assert.Equal((ulong)world.WallMs, watcher.Of(User).LastActiveMs);
        Assert.Equal(CloseCode.Unspecified, device.ClosedWith);
        Assert.Null(device.GoAway);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void A_lost_connection_is_seen_after_the_hold_and_not_a_tick_before(int shards)
    {
        using var world = new World(shards);
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        world.Advance(3_000);
        device.Heard();
        long lastFrame = world.WallMs;
        world.Advance(2_050);
        device.Lose();
        world.Advance(world.Options.HoldMs - 1);
        watcher.Heard();
        Assert.Equal(Status.Online, watcher.StatusOf(User));
        world.Advance(1 + TimingWheel.TickMs);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
        Assert.Equal((ulong)lastFrame, watcher.Of(User).LastActiveMs);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void A_silent_client_is_seen_after_d_and_twice_the_tolerance_never_earlier(int shards)
    {
        using var world = new World(shards);
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        world.Advance(12_345);
        device.Beat();
        long lastFrame = world.WallMs;
        world.Advance(world.Options.SilentAfterMs - 20_000);
        watcher.Beat();
        world.Advance(19_999);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
        Assert.Null(device.ClosedWith);
        world.Advance(1 + TimingWheel.TickMs);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
        Assert.Equal((ulong)lastFrame, watcher.Of(User).LastActiveMs);
        Assert.Equal(CloseCode.HeartbeatTimeout, device.GoAway);
        Assert.Equal(CloseCode.HeartbeatTimeout, device.ClosedWith);
    }

    [Fact]
    public void A_late_heartbeat_is_no_transition()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        ulong version = watcher.VersionOf(User);
        for (int beat = 0; beat < 10; beat++)
        {
            world.Advance(world.Options.SilentAfterMs - 1);
            device.Beat();
            watcher.Beat();
        }

        world.Advance(1_000);
        Assert.Equal(version, watcher.VersionOf(User));
        Assert.Equal(Status.Online, watcher.StatusOf(User));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(14_999)]
    public void Coming_back_within_the_hold_is_no_transition(int afterMs)
    {
        using var world = new World(2);
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        ulong version = watcher.VersionOf(User);
        device.Lose();
        world.Advance(afterMs);
        FakeConnection back = world.Connect(User, resumes: device.Welcome!.Value.SessionId);
        Assert.True(back.Welcome!.Value.Resumed);
        Assert.True(back.Welcome.Value.SessionId > device.Welcome.Value.SessionId);
        world.Advance(30_000);
        Assert.Equal(version, watcher.VersionOf(User));
    }

    [Fact]
    public void Coming_back_after_the_hold_is_a_new_beginning()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        device.Lose();
        world.Advance(world.Options.HoldMs + TimingWheel.TickMs);
        ulong offline = watcher.VersionOf(User);
        FakeConnection back = world.Connect(User);
        Assert.False(back.Welcome!.Value.Resumed);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
        Assert.True(watcher.VersionOf(User) > offline);
    }

    [Fact]
    public void Coming_back_as_another_kind_of_device_is_a_transition_and_not_resumed()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User, kind: Protocol.DeviceKinds.Web);
        ulong version = watcher.VersionOf(User);
        device.Lose();
        FakeConnection back = world.Connect(User, kind: Protocol.DeviceKinds.Mobile);
        Assert.True(watcher.VersionOf(User) > version);
        Assert.False(back.Welcome!.Value.Resumed);
    }

    [Fact]
    public void The_old_connection_of_a_replaced_device_speaks_for_nobody()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection old = world.Connect(User);
        old.Watch(9, [Watcher]);
        ulong version = watcher.VersionOf(User);
        FakeConnection newer = world.Connect(User);
        Assert.Equal(CloseCode.Replaced, old.GoAway);
        Assert.True(newer.Welcome!.Value.Resumed);
        old.SetStatus(5, Status.Busy);
        old.Goodbye();
        old.Lose();
        for (int i = 0; i < 10; i++)
        {
            world.Advance(10_000);
            newer.Beat();
            watcher.Beat();
        }

        Assert.Equal(version, watcher.VersionOf(User));
        Assert.Null(newer.ClosedWith);
    }

    [Fact]
    public void Frames_between_loss_and_return_change_nothing_and_everything_is_returned()
    {
        using var world = new World();
        FakeConnection device = world.Connect(User);
        device.Watch(1, [5, 6, 7]);
        device.Lose();
        device.Lose();
        device.SetStatus(1, Status.Busy);
        device.Watch(2, [8]);
        world.Advance(60_000);
        world.AssertEmpty();
    }

    [Fact]
    public void Who_comes_while_the_node_stops_is_told_to_leave_too()
    {
        using var world = new World();
        FakeConnection early = world.Connect(User);
        world.Post(User, inbox => inbox.TryPostLiveness(new NodeStops(CloseCode.Draining)));
        FakeConnection late = world.Connect(Watcher);
        Assert.Equal((CloseCode.Draining, CloseCode.Draining), (early.ClosedWith, late.ClosedWith));
    }
}
