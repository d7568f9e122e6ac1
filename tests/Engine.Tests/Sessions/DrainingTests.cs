using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A node that stops tells everybody when to come back, and the next one waits for them.</summary>
public sealed class DrainingTests
{
    private const ulong Watcher = 1_000;
    private const int Users = 100;
    private const long DrainMs = 60_000;

    [Fact]
    public void Each_has_its_own_slot_and_they_are_even()
    {
        using var world = new World();
        FakeConnection[] devices = [.. Enumerable.Range(1, Users).Select(user => world.Connect((ulong)user))];
        Stop(world);
        uint[] slots = [.. devices.Select(SlotOf).Order()];
        Assert.InRange(slots[0], 0u, (uint)(DrainMs / Users));
        Assert.InRange(slots[^1], (uint)(DrainMs - (DrainMs / Users)), (uint)DrainMs);
        Assert.All(slots.Zip(slots.Skip(1)), static pair => Assert.InRange(pair.Second - pair.First, DrainMs / Users - 1, DrainMs / Users + 1));
    }

    [Fact]
    public void Who_comes_late_has_a_slot_too()
    {
        using var world = new World();
        Stop(world);
        FakeConnection late = world.Connect(1);
        Assert.Equal(CloseCode.Draining, late.ClosedWith);
        Assert.InRange(SlotOf(late), 0u, (uint)DrainMs);
    }

    [Fact]
    public void Who_comes_late_has_none_beyond_the_last()
    {
        using var world = new World();
        world.Connect(2);
        Stop(world);
        world.Advance(DrainMs - 1);
        for (ulong user = 10; user < 20; user++)
        {
            Assert.InRange(SlotOf(world.Connect(user)), 0u, 1u);
        }

        world.Advance(1_000);
        Assert.Equal(0u, SlotOf(world.Connect(1)));
    }

    [Fact]
    public void Without_a_drain_time_there_are_no_slots()
    {
        using var world = new World();
        FakeConnection device = world.Connect(1);
        Stop(world, drainMs: 0);
        Assert.False(GoAwayOf(device).HasReconnectAfterMs);
    }

    [Fact]
    public void A_goodbye_behind_the_GoAway_is_heard()
    {
        using var world = new World();
        FakeConnection device = world.Connect(1);
        Stop(world);
        Assert.Equal(Status.Online, world.Ask(1).Status);
        world.Advance(1_000);
        device.Goodbye();
        Assert.Equal(Status.Offline, world.Ask(1).Status);
    }

    [Fact]
    public void A_goodbye_behind_a_takeover_ends_nobody()
    {
        using var world = new World();
        FakeConnection older = world.Connect(1);
        FakeConnection newer = world.Connect(1);
        newer.Lose();
        older.Goodbye();
        Assert.Equal(Status.Online, world.Ask(1).Status);
    }

    [Fact]
    public void It_is_told_once_when_the_last_has_left()
    {
        using var world = new World();
        FakeConnection[] devices = [world.Connect(1), world.Connect(2)];
        int left = 0;
        world.Post(1, inbox => inbox.TryPostLiveness(new NodeStops(CloseCode.Draining) { AllLeft = () => left++ }));
        devices[0].Lose();
        Assert.Equal(0, left);
        devices[1].Lose();
        world.Advance(1_000);
        Assert.Equal(1, left);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_next_process_waits_until_the_last_slot_and_the_hold_beyond(bool isPromised)
    {
        using var before = new World();
        before.Connect(1);
        Stop(before);
        before.Shards[0].SaveAll();
        before.Store.LastWatermarkMs = before.WallMs;
        using var world = new World(store: before.Store, wallMs: before.WallMs + 5_000, accepts: false);
        world.Shards[0].BeginAccepting(isPromised ? DrainMs + world.Options.HoldMs : 0);
        FakeConnection watcher = world.Watcher(Watcher, 1);
        world.Advance(30_000);
        watcher.Beat();
        world.Advance(DrainMs - 30_000);
        Assert.Equal(isPromised ? Status.Online : Status.Offline, watcher.StatusOf(1));
        watcher.Beat();
        world.Advance(world.Options.HoldMs + 200);
        Assert.Equal(Status.Offline, watcher.StatusOf(1));
    }

    private static void Stop(World world, long drainMs = DrainMs) =>
        world.Post(1, inbox => inbox.TryPostLiveness(new NodeStops(CloseCode.Draining) { DrainMs = drainMs }));

    private static uint SlotOf(FakeConnection connection) => GoAwayOf(connection).ReconnectAfterMs;

    private static GoAway GoAwayOf(FakeConnection connection) => connection.Frames.Single(static frame => frame.GoAway is not null).GoAway;
}
