using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Who is not beaten for d + 2δ is gone, neither earlier nor later; our own silences and pauses do not count (P3, P4).</summary>
public sealed class LinkSilenceTests
{
    private const ulong Watcher = 90;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Silence_is_judged_for_each_user_by_its_own_beats(int shards)
    {
        using var world = new World(shards);
        FakeLink link = FakeLink.Live(world);
        FakeConnection watcher = world.Watcher(Watcher, 1, 2, 3);
        link.Up(1, 2, 3);
        for (int i = 0; i < 20; i++)
        {
            world.Advance(i == 0 ? 9_900 : 10_000);
            watcher.Beat();
            link.Beat(i < 3 ? [1, 2] : [2]);
            // The first is beaten until 29.9 s have passed, the third never; this looks at 9.9, 19.9, ... s.
            Assert.Equal(i < 6 ? Status.Online : Status.Offline, watcher.StatusOf(1));
            Assert.Equal(i < 4 ? Status.Online : Status.Offline, watcher.StatusOf(3));
        }

        Assert.Equal(Status.Online, watcher.StatusOf(2));
    }

    [Fact]
    public void The_moment_is_exact_and_last_active_is_the_last_beat()
    {
        using var world = new World(2);
        FakeLink link = FakeLink.Live(world);
        FakeConnection watcher = world.Watcher(Watcher, 1);
        link.Up(1);
        world.Advance(12_345);
        link.Beat(1);
        long beaten = world.WallMs;
        watcher.Beat();
        world.Advance(world.Options.SilentAfterMs - 100);
        watcher.Beat();
        Assert.Equal(Status.Online, watcher.StatusOf(1));
        world.Advance(200);
        Assert.Equal(Status.Offline, watcher.StatusOf(1));
        Assert.Equal((ulong)beaten, watcher.Of(1).LastActiveMs);
        link.Beat(1);
        Assert.Equal(Status.Online, watcher.StatusOf(1));
    }

    [Fact]
    public void A_gap_does_not_count()
    {
        using var world = new World(2);
        FakeLink link = FakeLink.Live(world);
        link.Up(1);
        world.Advance(30_000);
        world.Skip(100_000);
        world.CanaryMs = world.MonoMs;
        world.Advance(9_000);
        Assert.Equal(Status.Online, world.Ask(1).Status);
        world.Advance(1_200);
        Assert.Equal(Status.Offline, world.Ask(1).Status);
    }

    [Fact]
    public void While_the_reader_is_paused_nobody_goes_and_afterwards_all_have_their_time()
    {
        using var world = new World(2);
        var reader = new FakeConnection(world, 1);
        var link = new FakeLink(world) { Reader = reader };
        link.Begin();
        link.Complete();
        link.Up(1, 2, 3);
        world.Advance(39_000);
        reader.ReaderPaused = true;
        world.Advance(100_000);
        reader.ReaderPaused = false;
        world.Advance(world.Options.SilentAfterMs - 200);
        Assert.Equal(3, link.Users);
        world.Advance(400);
        Assert.Equal(0, link.Users);
    }

    [Fact]
    public void Nobody_goes_whose_beat_waits_in_the_queue()
    {
        using var world = new World(options: new ShardOptions { Budget = TurnBudget.Default with { LinkBeats = 1 } });
        FakeLink link = FakeLink.Live(world);
        FakeConnection watcher = world.Watcher(Watcher, 1);
        link.Up(1);
        world.Advance(world.Options.SilentAfterMs - 1_000);
        watcher.Beat();
        world.IsPaused = true;
        link.Beat([.. Enumerable.Repeat(2UL, 100)]);
        link.Beat(1);
        for (int i = 0; i < 50; i++)
        {
            // A turn of one beat each tick: the shard is five seconds behind.
            world.Skip(100);
            world.CanaryMs = world.MonoMs;
            world.TurnOf(0);
        }

        Assert.NotEqual(0, link.Open);
        Assert.Equal(Status.Online, watcher.StatusOf(1));
        world.IsPaused = false;
        world.Settle();
        world.Advance(10_000);
        Assert.Equal(Status.Online, watcher.StatusOf(1));
    }
}
