using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>How long changes take to their watchers: one time a change and shard, when the last of them has been sent it.</summary>
public sealed class PropagationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_change_is_measured_once_for_each_shard_with_watchers(int shards)
    {
        using var world = new World(shards, new ShardOptions { StatusChanges = 0 });
        FakeConnection device = world.Connect(1);
        for (ulong watcher = 10; watcher < 60; watcher++)
        {
            world.Watcher(watcher, 1);
        }

        long before = world.Sum(static counters => counters.Propagation.Count());
        device.SetStatus(1, Status.Busy);
        int withWatchers = Enumerable.Range(10, 50).Select(watcher => world.ShardOf((ulong)watcher)).Distinct().Count();
        Assert.Equal(withWatchers, world.Sum(static counters => counters.Propagation.Count()) - before);
        device.Goodbye();
        Assert.Equal(2 * withWatchers, world.Sum(static counters => counters.Propagation.Count()) - before);
    }

    [Fact]
    public void One_that_takes_several_turns_ends_with_its_last_watcher_and_begins_with_the_newest_state()
    {
        using var world = new World(1, new ShardOptions { StatusChanges = 0, Budget = new TurnBudget(2_048, 8_192, 2_048, Deliveries: 100) });
        FakeConnection device = world.Connect(1);
        for (ulong watcher = 10; watcher < 260; watcher++)
        {
            world.Watcher(watcher, 1);
        }

        LatencyHistogram times = world.Shards[0].Counters.Propagation;
        (long count, long sum) = (times.Count(), times.SumMs());
        world.IsPaused = true;
        device.SetStatus(1, Status.Busy);
        world.Turn();
        world.Skip(5);
        device.SetStatus(2, Status.Away);
        world.Turn();
        Assert.Equal(count, times.Count());
        while (times.Count() == count)
        {
            world.Skip(10);
            Assert.True(world.Turn() || times.Count() > count);
        }

        // 250 watchers of the newest state at 100 a turn, of which the turn that decided it served the first; the other two were 10 ms apart.
        Assert.Equal((count + 1, sum + 20), (times.Count(), times.SumMs()));
    }

    [Fact]
    public void A_host_that_does_not_measure_costs_nothing_and_counts_nothing()
    {
        var times = new LatencyHistogram();
        var propagation = new Propagation(times);
        propagation.Served(Propagation.NotMeasured);
        propagation.Sent(nowUs: 1_000);
        Assert.Equal(0, times.Count());
        propagation.Served(decidedUs: 400);
        propagation.Sent(nowUs: 1_000);
        propagation.Sent(nowUs: 5_000);
        Assert.Equal((1, 600), (times.Count(), times.SumOf(4) + times.SumOf(3)));
    }
}
