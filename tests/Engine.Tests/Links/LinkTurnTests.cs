namespace Presence.Engine.Tests;

/// <summary>However much a link says, or however many go with it, a turn does a bounded part, and nobody else waits for the rest.</summary>
public sealed class LinkTurnTests
{
    private static readonly ulong[] _users = [.. Enumerable.Range(1, 10_000).Select(user => (ulong)user)];

    [Fact]
    public void A_batch_is_applied_in_slices_and_direct_sessions_do_not_wait()
    {
        using var world = new World(options: new ShardOptions { Budget = TurnBudget.Default with { LinkBeats = 800 } });
        FakeLink link = FakeLink.Live(world);
        world.IsPaused = true;
        link.Up(_users);
        FakeConnection direct = world.Connect(50_000);
        world.TurnOf(0);
        Assert.NotNull(direct.Welcome);
        Assert.Equal(1, link.Open);
        Assert.Equal(100 + 1, world.Shards[0].Users.Count);
        world.TurnOf(0);
        Assert.Equal(200 + 1, world.Shards[0].Users.Count);
        world.IsPaused = false;
        world.Settle();
        Assert.Equal(0, link.Open);
        Assert.Equal(10_000, link.Tally.CameUp);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_goes_with_a_link_goes_in_slices(bool goodbye)
    {
        using var world = new World(options: new ShardOptions { Budget = TurnBudget.Default with { SweptSlots = 4_096 } });
        FakeLink link = FakeLink.Live(world);
        link.Up(_users);
        world.IsPaused = true;
        link.End(goodbye);
        if (!goodbye)
        {
            world.TurnOf(0);
            for (long left = world.Options.HoldMs; left > 0; left -= 500)
            {
                world.Skip(500);
                world.CanaryMs = world.MonoMs;
                world.TurnOf(0);
            }
        }

        int turns = 0;
        for (int before = world.Shards[0].Users.Count; before > 0; turns++)
        {
            world.TurnOf(0);
            int now = world.Shards[0].Users.Count;
            Assert.InRange(before - now, 0, 2_048);
            before = now;
        }

        Assert.True(turns > 4);
    }

    [Fact]
    public void Two_links_that_say_much_take_turns()
    {
        using var world = new World(options: new ShardOptions { Budget = TurnBudget.Default with { LinkBeats = 800 } });
        FakeLink one = FakeLink.Live(world, gateway: 1);
        FakeLink other = FakeLink.Live(world, gateway: 2);
        world.IsPaused = true;
        one.Up(_users);
        other.Up(_users[..500]);
        for (int i = 0; i < 12; i++)
        {
            world.TurnOf(0);
        }

        Assert.Equal(0, other.Open);
    }

    [Fact]
    public void Several_links_that_go_at_once_are_swept_together()
    {
        using var world = new World(4);
        FakeLink[] links = [.. Enumerable.Range(0, 6).Select(gateway => FakeLink.Live(world, gateway))];
        for (int i = 0; i < links.Length; i++)
        {
            links[i].Up(_users[(i * 1_000)..((i * 1_000) + 1_500)]);
        }

        foreach (FakeLink link in links[..5])
        {
            link.End(goodbye: true);
        }

        Assert.Equal(1_500, world.Shards.Sum(shard => shard.Users.Count));
        Assert.Equal(1_500, links[5].Users);
        links[5].Down(_users);
        world.AssertEmpty();
    }
}
