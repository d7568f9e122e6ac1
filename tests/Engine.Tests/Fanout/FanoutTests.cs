using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A change goes to every watcher, over as many turns as the budget asks, always with the newest state.</summary>
public sealed class FanoutTests
{
    private const ulong User = 1;

    [Theory]
    [InlineData(1, 500)]
    [InlineData(2, 1_500)]
    [InlineData(1, 5_000)]
    public void Everybody_ends_with_the_newest_though_it_changes_midway(int shards, int watchers)
    {
        var random = new Random(watchers);
        var budget = new TurnBudget(2_048, 8_192, 2_048, Deliveries: 200);
        using var world = new World(shards, new ShardOptions { StatusChanges = 0, Budget = budget });
        FakeConnection device = world.Connect(User);
        List<FakeConnection> watching = [.. Enumerable.Range(0, watchers).Select(i => world.Watcher((ulong)(i + 10), User))];
        world.IsPaused = true;
        for (int change = 0; change < 40; change++)
        {
            device.SetStatus(1, change % 2 == 0 ? Status.Busy : Status.Online);
            for (int turns = random.Next(12); turns > 0; turns--)
            {
                world.Turn();
            }

            FakeConnection leaver = watching[random.Next(watching.Count)];
            leaver.Lose();
            watching.Remove(leaver);
            watching.Add(world.Watcher((ulong)(100_000 + change), User));
        }

        world.IsPaused = false;
        world.Settle();
        ulong version = world.Ask(User).Version;
        Assert.All(watching, watcher => Assert.Equal((Status.Online, version), (watcher.StatusOf(User), watcher.VersionOf(User))));
        Assert.All(world.Shards, shard => Assert.Equal(0, shard.Fanout.UnderWay));
    }

    [Fact]
    public void A_turn_hands_out_no_more_than_its_budget_and_users_take_turns()
    {
        var budget = new TurnBudget(2_048, 8_192, 2_048, Deliveries: 256);
        using var world = new World(1, new ShardOptions { Budget = budget });
        FakeConnection[] devices = [world.Connect(1), world.Connect(2)];
        FakeConnection[] watchers = [.. Enumerable.Range(0, 1_000).Select(i => world.Watcher((ulong)(i + 10), 1, 2))];
        long before = world.Shards[0].Counters.Deliveries;
        world.IsPaused = true;
        Array.ForEach(devices, device => device.SetStatus(1, Status.Busy));
        Assert.True(world.Turn());
        Assert.Equal(256, world.Shards[0].Counters.Deliveries - before);
        Assert.Equal(128, watchers.Count(watcher => watcher.StatusOf(1) == Status.Busy));
        Assert.Equal(128, watchers.Count(watcher => watcher.StatusOf(2) == Status.Busy));
        world.Settle();
        Assert.Equal(2_000, world.Shards[0].Counters.Deliveries - before);
    }

    [Fact]
    public void A_record_that_is_used_again_midway_does_not_mix_up_users()
    {
        var budget = new TurnBudget(2_048, 8_192, 2_048, Deliveries: 10);
        using var world = new World(1, new ShardOptions { Budget = budget });
        FakeConnection one = world.Connect(1);
        FakeConnection[] watchers = [.. Enumerable.Range(0, 100).Select(i => world.Watcher((ulong)(i + 10), 1))];
        FakeConnection two = world.Connect(2);
        world.IsPaused = true;
        one.SetStatus(1, Status.Busy);
        world.Turn();
        foreach (FakeConnection watcher in watchers)
        {
            watcher.Unwatch(2, 1);
            watcher.Watch(3, [2]);
        }

        two.SetStatus(1, Status.Away);
        world.Turn();
        two.SetStatus(2, Status.Busy);
        world.Settle();
        Assert.All(watchers, watcher => Assert.Equal(Status.Busy, watcher.StatusOf(2)));
        Assert.Equal(0, world.Shards[0].Fanout.UnderWay);
    }
}
