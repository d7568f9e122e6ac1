using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Who is told to come back at a slot, and obeys, is not seen to go (P3); who does not obey is no ghost (P4).</summary>
public sealed class DeferralTests
{
    private const ulong User = 1;
    private const ulong Watcher = 2;
    private const long SlotMs = 240_000;

    [Fact]
    public void Who_was_held_is_held_until_its_slot_and_the_hold_beyond()
    {
        using var world = new World();
        (FakeConnection device, FakeConnection watcher) = Pair(world);
        ulong session = device.Welcome!.Value.SessionId, version = watcher.VersionOf(User);
        device.Lose();
        world.Advance(5_000);
        Defer(world);
        Pass(world, watcher, SlotMs + world.Options.HoldMs - 1_000);
        Assert.Equal((Status.Online, version), (watcher.StatusOf(User), watcher.VersionOf(User)));
        Assert.True(world.Connect(User, resumes: session).Welcome!.Value.Resumed);
        Assert.Equal(version, watcher.VersionOf(User));
    }

    [Fact]
    public void Who_does_not_come_was_last_active_when_it_was_told()
    {
        using var world = new World();
        (FakeConnection device, FakeConnection watcher) = Pair(world);
        device.Lose();
        world.Advance(5_000);
        Defer(world);
        var told = (ulong)world.WallMs;
        Pass(world, watcher, SlotMs + world.Options.HoldMs - 100);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
        Pass(world, watcher, 100 + TimingWheel.TickMs);
        Assert.Equal((Status.Offline, told), (watcher.StatusOf(User), watcher.Of(User).LastActiveMs));
    }

    [Fact]
    public void The_connection_that_it_had_before_is_closed_and_does_not_end_it()
    {
        using var world = new World();
        (FakeConnection device, FakeConnection watcher) = Pair(world);
        Defer(world);
        Assert.Equal(CloseCode.Replaced, device.ClosedWith);
        device.Lose();
        Pass(world, watcher, SlotMs);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
    }

    [Fact]
    public void Who_is_told_twice_is_held_until_the_later_slot()
    {
        using var world = new World();
        (FakeConnection device, FakeConnection watcher) = Pair(world);
        device.Lose();
        for (int i = 0; i < 3; i++)
        {
            Defer(world);
            Pass(world, watcher, SlotMs);
        }

        Assert.Equal(Status.Online, watcher.StatusOf(User));
    }

    [Fact]
    public void Whose_session_is_over_comes_as_a_new_one()
    {
        using var world = new World();
        (FakeConnection device, FakeConnection watcher) = Pair(world);
        device.Goodbye();
        device.Lose();
        ulong version = watcher.VersionOf(User);
        Defer(world);
        Assert.Equal((Status.Offline, version), (watcher.StatusOf(User), watcher.VersionOf(User)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_was_up_before_a_restart_stays_up_until_its_slot(bool isWatched)
    {
        using var before = new World();
        (FakeConnection device, FakeConnection watcher) = Pair(before);
        (ulong session, ulong version) = (device.Welcome!.Value.SessionId, watcher.VersionOf(User));
        before.Advance(1_000);
        using World world = before.Restart();
        FakeConnection watching = world.Connect(Watcher, status: Status.Offline);
        if (isWatched)
        {
            watching.Watch(1, [User]);
        }

        Defer(world);
        Pass(world, watching, SlotMs);
        watching.Watch(2, [User]);
        Assert.Equal((Status.Online, version), (watching.StatusOf(User), watching.VersionOf(User)));
        Assert.True(world.Connect(User, resumes: session).Welcome!.Value.Resumed);
        Assert.Equal(version, watching.VersionOf(User));
    }

    [Fact]
    public void Of_two_devices_of_before_a_restart_the_last_slot_counts()
    {
        using var before = new World();
        Pair(before);
        using World world = before.Restart();
        FakeConnection watcher = world.Watcher(Watcher, User);
        Defer(world, device: 1);
        Defer(world, device: 2, SlotMs / 2);
        Pass(world, watcher, SlotMs + world.Options.HoldMs - 100);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
        Pass(world, watcher, 100 + TimingWheel.TickMs);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
    }

    [Fact]
    public void Who_came_and_went_since_a_restart_is_not_brought_back()
    {
        using var before = new World();
        (FakeConnection device, _) = Pair(before);
        ulong session = device.Welcome!.Value.SessionId;
        using World world = before.Restart();
        FakeConnection watcher = world.Watcher(Watcher, User);
        world.Connect(User, resumes: session).Goodbye();
        Defer(world);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
    }

    [Fact]
    public void A_held_user_who_is_invisible_stays_so()
    {
        using var world = new World();
        (FakeConnection device, FakeConnection watcher) = Pair(world);
        device.SetStatus(1, Status.Invisible);
        PresenceEntry gone = watcher.Of(User);
        device.Lose();
        Defer(world);
        Pass(world, watcher, SlotMs + world.Options.HoldMs + 1_000);
        Assert.Equal(gone, watcher.Of(User));
    }

    private static (FakeConnection Device, FakeConnection Watcher) Pair(World world) => (world.Connect(User), world.Watcher(Watcher, User));

    private static void Defer(World world, ulong device = 1, long slotMs = SlotMs) => world.Post(User, inbox => inbox.TryPostLiveness(new SessionDeferred(User, device)
    {
        SlotMs = slotMs,
        Stamp = world.ShardOf(User).Clock.At(world.MonoMs),
    }));

    private static void Pass(World world, FakeConnection watcher, long ms)
    {
        for (long left = ms; left > 0; left -= 20_000)
        {
            watcher.Beat();
            world.Advance(Math.Min(left, 20_000));
        }
    }
}
