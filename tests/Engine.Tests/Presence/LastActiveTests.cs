using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Last active is right to the millisecond and never goes backwards (P5).</summary>
public sealed class LastActiveTests
{
    private const ulong User = 1;
    private const ulong Watcher = 2;
    private const long HourMs = 3_600_000;
    private const long YearMs = 365 * 24 * HourMs;

    [Fact]
    public void An_explicit_offline_is_the_moment_it_was_said()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        world.Advance(4_321);
        device.SetStatus(1, Status.Offline);
        Assert.Equal((ulong)world.WallMs, watcher.Of(User).LastActiveMs);
        world.Advance(2_000);
        device.Goodbye();
        Assert.Equal((ulong)world.WallMs - 2_000, watcher.Of(User).LastActiveMs);
    }

    [Fact]
    public void It_is_the_latest_over_the_devices_not_the_time_of_the_verdict()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        world.Connect(User, device: 1);
        FakeConnection second = world.Connect(User, device: 2, kind: Protocol.DeviceKinds.Mobile);
        world.Advance(10_000);
        second.Heard();
        long lastFrame = world.WallMs;
        second.Lose();
        watcher.Beat();
        world.Advance(31_000);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
        Assert.Equal((ulong)lastFrame, watcher.Of(User).LastActiveMs);
    }

    [Theory]
    [InlineData(-HourMs)]
    [InlineData(-4_000)]
    [InlineData(HourMs)]
    [InlineData(-50 * YearMs)]
    [InlineData(12 * YearMs)]
    public void It_never_goes_back_when_the_wall_clock_steps(long step)
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        ulong last = 0;
        ulong version = 0;
        for (int i = 0; i < 4; i++)
        {
            FakeConnection device = world.Connect(User);
            world.Advance(1_000);
            world.WallMs += i == 1 ? step : 0;
            device.Goodbye();
            Assert.True(watcher.Of(User).LastActiveMs >= last);
            Assert.True(watcher.VersionOf(User) > version);
            (last, version) = (watcher.Of(User).LastActiveMs, watcher.VersionOf(User));
            device.Lose();
            world.Advance(1_000);
        }
    }

    [Fact]
    public void A_goodbye_right_after_a_gap_is_exact()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        world.Advance(1_000);
        world.IsPaused = true;
        world.Skip(60_000);
        world.CanaryMs = world.MonoMs;
        device.Goodbye();
        world.Settle();
        Assert.Equal((ulong)world.WallMs, watcher.Of(User).LastActiveMs);
    }

    [Fact]
    public void A_wall_clock_that_is_set_back_by_less_than_a_pause_takes_last_active_back_no_more_than_any_other()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        world.Advance(1_000);
        device.Goodbye();
        device.Lose();
        world.Advance(1_000);
        ulong left = watcher.Of(User).LastActiveMs;
        FakeConnection again = world.Connect(User);
        world.Advance(100);
        world.Skip(8_000);
        world.WallMs -= 5_000;
        world.Advance(100);
        again.Lose();
        world.Advance(16_000);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
        Assert.True(watcher.Of(User).LastActiveMs >= left);
    }

    [Fact]
    public void A_loss_after_a_gap_is_the_last_frame_in_real_time()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        world.Advance(1_000);
        device.Heard();
        long lastFrame = world.WallMs;
        world.Advance(2_000);
        world.Skip(60_000);
        world.Advance(1_000);
        device.Lose();
        world.Advance(16_000);
        Assert.Equal((ulong)lastFrame, watcher.Of(User).LastActiveMs);
    }

    [Fact]
    public void A_frame_read_right_after_a_gap_is_of_after_it()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        world.Advance(1_000);
        world.Skip(60_000);
        world.CanaryMs = world.MonoMs;
        device.Heard();
        long lastFrame = world.WallMs;
        device.Lose();
        world.Advance(16_000);
        Assert.Equal((Status.Offline, (ulong)lastFrame), (watcher.StatusOf(User), watcher.Of(User).LastActiveMs));
    }

    [Fact]
    public void A_loss_while_io_is_silent_is_the_last_frame_in_real_time()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        world.AdvanceWithoutIo(30_000);
        device.Heard();
        long lastFrame = world.WallMs;
        world.AdvanceWithoutIo(5_000);
        device.Lose();
        world.AdvanceWithoutIo(5_000);
        world.Advance(18_000);
        Assert.Equal((Status.Offline, (ulong)lastFrame), (watcher.StatusOf(User), watcher.Of(User).LastActiveMs));
    }

    [Fact]
    public void Who_leaves_before_the_store_has_answered_is_offline_since_then()
    {
        using var world = new World();
        world.Store[User] = new UserRecord(User, 77, 5, 5, (byte)Status.Offline, UserRecordFlags.None);
        world.Store.AnswersAtOnce = false;
        FakeConnection device = world.Connect(User);
        world.Advance(500);
        device.Goodbye();
        long left = world.WallMs;
        device.Lose();
        world.Store.AnswersAtOnce = true;
        world.Store.AnswerAll();
        world.Advance(100);
        Assert.Equal((Status.Offline, left), (world.Ask(User).Status, world.Ask(User).LastActiveMs));
        Assert.True(world.Ask(User).Version > 77);
        world.AssertEmpty();
    }
}
