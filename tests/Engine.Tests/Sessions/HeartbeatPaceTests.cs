using CsCheck;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A heartbeat interval that is stretched under load, and brought back: nobody who keeps to what it was told is called silent, and nobody else is spared.</summary>
public sealed class HeartbeatPaceTests
{
    private const ulong User = 1;
    private const ulong Watcher = 2;
    private const long D = 30_000;

    [Theory]
    [InlineData(OverloadStep.None, D)]
    [InlineData(OverloadStep.Heartbeats, 2 * D)]
    [InlineData(OverloadStep.Texts, 4 * D)]
    [InlineData(OverloadStep.NewSessions, 4 * D)]
    public void The_answer_says_the_interval(OverloadStep step, long interval)
    {
        using var world = new World();
        FakeConnection device = world.Connect(User);
        Enter(world, step);
        Assert.Equal((uint)interval, Ask(device));
    }

    [Fact]
    public void No_more_than_the_longest_is_asked_for()
    {
        using var world = new World(options: new ShardOptions { MaxHeartbeatIntervalMs = 45_000 });
        FakeConnection device = world.Connect(User);
        Enter(world, OverloadStep.Texts);
        Assert.Equal(45_000u, Ask(device));
    }

    [Fact]
    public void Who_was_told_a_longer_one_may_keep_to_it_at_once()
    {
        using var world = new World();
        (FakeConnection device, FakeConnection watcher) = Pair(world);
        Enter(world, OverloadStep.Heartbeats);
        Ask(device);
        Pass(world, watcher, (2 * D) + 10_000 - 1);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
        Pass(world, watcher, 1 + TimingWheel.TickMs);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
    }

    [Fact]
    public void It_is_known_whether_somebody_keeps_to_a_longer_one()
    {
        using var world = new World();
        FakeConnection first = world.Connect(User), second = world.Connect(Watcher);
        Enter(world, OverloadStep.Heartbeats);
        Assert.Equal(0, world.Shards[0].Pace.Longer);
        Ask(first);
        Ask(second);
        Enter(world, OverloadStep.Texts);
        Ask(first);
        Assert.Equal(2, world.Shards[0].Pace.Longer);
        Enter(world, OverloadStep.None);
        Ask(first);
        Assert.Equal(1, world.Shards[0].Pace.Longer);
        second.Lose();
        Assert.Equal(0, world.Shards[0].Pace.Longer);
    }

    [Fact]
    public void Who_was_told_nothing_keeps_to_the_one_it_knows()
    {
        using var world = new World();
        (FakeConnection device, FakeConnection watcher) = Pair(world);
        Enter(world, OverloadStep.Heartbeats);
        device.Beat();
        Pass(world, watcher, D + 10_000 + TimingWheel.TickMs);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
    }

    [Fact]
    public void Who_was_told_a_shorter_one_may_not_have_heard_it()
    {
        using var world = new World();
        (FakeConnection device, FakeConnection watcher) = Pair(world);
        Enter(world, OverloadStep.Heartbeats);
        Ask(device);
        Enter(world, OverloadStep.None);
        Pass(world, watcher, D);
        Assert.Equal((uint)D, Ask(device));
        Pass(world, watcher, (2 * D) + 10_000 - 1);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
    }

    // 45 s: it was looked at once before, and kept to the longer one still.
    [Theory]
    [InlineData(1_000)]
    [InlineData(D + 15_000)]
    public void After_the_next_frame_the_shorter_one_counts_and_is_not_found_late(long silentMs)
    {
        using var world = new World();
        (FakeConnection device, FakeConnection watcher) = Pair(world);
        Enter(world, OverloadStep.Texts);
        Ask(device);
        Enter(world, OverloadStep.None);
        Pass(world, watcher, D);
        Ask(device);
        Pass(world, watcher, silentMs);
        device.Beat();
        Pass(world, watcher, D + 10_000 - 1);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
        Pass(world, watcher, 1 + TimingWheel.TickMs);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
    }

    [Fact]
    public void A_token_that_ends_before_the_shorter_interval_is_not_found_late()
    {
        using var world = new World();
        FakeConnection device = world.Connect(User, tokenForMs: D);
        Enter(world, OverloadStep.Texts);
        Ask(device);
        world.Advance(D - 5_000);
        Enter(world, OverloadStep.None);
        Ask(device);
        world.Advance(5_000 + TimingWheel.TickMs);
        Assert.Equal(CloseCode.TokenExpired, device.ClosedWith);
    }

    [Fact]
    public void Of_two_answers_in_a_row_neither_may_have_been_heard()
    {
        using var world = new World();
        FakeConnection device = world.Connect(User);
        Enter(world, OverloadStep.Texts);
        Ask(device);
        world.Advance(D);
        // In one moment: no frame is known to have come behind the first.
        Enter(world, OverloadStep.Heartbeats);
        Ask(device);
        Enter(world, OverloadStep.None);
        Ask(device);
        world.Advance((4 * D) + 10_000 - 1_000);
        Assert.Null(device.ClosedWith);
    }

    [Fact]
    public void Whoever_keeps_to_what_it_was_told_is_never_called_silent() =>
        Gen.Select(Gen.Int[0, 4].Array[5, 40], Gen.Int[0, 100].Array[5, 40]).Sample((steps, lates) =>
        {
            using var world = new World();
            FakeConnection device = world.Connect(User);
            long interval = D;
            for (int i = 0; i < Math.Min(steps.Length, lates.Length); i++)
            {
                Enter(world, (OverloadStep)steps[i]);
                // As late as may be: two tolerances, less a tick.
                world.Advance(interval + (lates[i] * 99));
                Assert.Null(device.ClosedWith);
                interval = Ask(device);
            }
        }, iter: 100);

    [Fact]
    public void Links_keep_to_d()
    {
        using var world = new World();
        Enter(world, OverloadStep.Texts);
        Assert.Equal((uint)D, Ask(FakeLink.Live(world).Attach()));
    }

    private static (FakeConnection Device, FakeConnection Watcher) Pair(World world) => (world.Connect(User), world.Watcher(Watcher, User));

    private static void Enter(World world, OverloadStep step) =>
        Array.ForEach(world.Shards, shard =>
        {
            Assert.True(shard.Inbox.TryPostLiveness(new OverloadChanged(step, 1_000)));
            world.Settle();
        });

    private static uint Ask(FakeConnection device)
    {
        device.Beat(HeartbeatFlags.WantAck);
        return device.Frames.Last(static frame => frame.HeartbeatAck is not null).HeartbeatAck.HeartbeatIntervalMs;
    }

    private static void Pass(World world, FakeConnection watcher, long ms)
    {
        for (long left = ms; left > 0; left -= 10_000)
        {
            watcher.Beat();
            world.Advance(Math.Min(left, 10_000));
        }
    }
}
