using System.Reflection;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Limits, sheds, closes and levels are counted where they happen.</summary>
public sealed class CountTests
{
    [Fact]
    public void Every_limit_that_a_client_is_told_of_is_counted_under_its_name()
    {
        IEnumerable<string> told = typeof(LimitNames).GetFields(BindingFlags.Public | BindingFlags.Static).Select(static field => (string)field.GetRawConstantValue()!);
        Assert.Empty(told.Except(LimitHits.Names));
        Assert.Equal(LimitHits.Names.Distinct(), LimitHits.Names);
        var hits = new LimitHits();
        foreach (string name in LimitHits.Names)
        {
            hits.Hit(new Error { Code = ErrorCode.Limit, Which = name });
        }

        Assert.All(LimitHits.Names, name => Assert.Equal(1, hits.Of(name)));
        hits.Hit("no limit of ours");
        Assert.Equal(2, hits.Of(LimitHits.Other));
    }

    [Fact]
    public void A_limit_that_is_hit_and_who_is_turned_away_are_counted()
    {
        using var world = new World(1, new ShardOptions { MaxWatches = 2, MaxUsers = 1 });
        FakeConnection client = world.Connect(1);
        client.Watch(7, [4, 5, 6]);
        Assert.Equal(LimitNames.Watches, Assert.Single(client.Errors).Which);
        Assert.Equal(1, world.Sum(static counters => counters.Limits.Of(LimitNames.Watches)));
        Assert.Equal(0, world.Sum(static counters => counters.Sheds.Of(ShedClass.Sessions)));

        world.Connect(2);
        world.Lease(3, Status.Online);
        Assert.Equal(2, world.Sum(static counters => counters.Limits.Of(ShardOptions.Users)));
        Assert.Equal(2, world.Sum(static counters => counters.Sheds.Of(ShedClass.Sessions)));
        Assert.Equal(1, world.Sum(static counters => counters.Closes.Of(CloseCode.Overloaded)));
    }

    [Fact]
    public void Who_does_not_read_hits_two_limits()
    {
        using var world = new World(1, new ShardOptions { StatusChanges = 0 });
        FakeConnection device = world.Connect(1);
        FakeConnection slow = world.Watcher(2, 1);
        slow.IsBlocked = true;
        device.SetStatus(1, Status.Busy);
        Assert.Equal(1, world.Sum(static counters => counters.Limits.Of(LimitHits.OutboundBytes)));
        world.Advance(200);
        Assert.Equal(1, world.Sum(static counters => counters.Levels.CongestedConnections));
        world.Advance(world.Options.CongestedForMs);
        Assert.Equal(CloseCode.SlowConsumer, slow.ClosedWith);
        Assert.Equal(1, world.Sum(static counters => counters.Limits.Of(LimitHits.CongestedFor)));
        Assert.Equal(1, world.Sum(static counters => counters.Closes.Of(CloseCode.SlowConsumer)));
    }

    [Fact]
    public void Ends_are_told_apart()
    {
        using var world = new World();
        world.Connect(1).Goodbye();
        world.Connect(2).Lose();
        FakeConnection older = world.Connect(3);
        world.Connect(3);
        older.Lose();
        Assert.Equal(1, world.Sum(static counters => counters.Closes.Of(CloseCode.Unspecified)));
        Assert.Equal(1, world.Sum(static counters => counters.Closes.Of(CloseCode.Replaced)));
        Assert.Equal(1, world.Sum(static counters => counters.Lost));
    }

    [Fact]
    public void Levels_are_those_of_the_last_tick()
    {
        using var world = new World();
        world.Connect(1);
        world.Watcher(2, 1, 3);
        world.Advance(200);
        ShardLevels levels = world.Shards[0].Counters.Levels;
        Assert.Equal((2, 2, 2, 2), (levels.Sessions, levels.Users, levels.Watches, levels.WatchedUsers));
        Assert.Equal((2, 0, 0), (levels.Deadlines, levels.Fanouts, levels.UsersLoading));
    }
}
