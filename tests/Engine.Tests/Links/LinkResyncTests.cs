using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>
/// A gateway that starts anew names its whole set: who is named has not left, who is not is gone when it says that it is complete, and
/// nobody before.
/// </summary>
public sealed class LinkResyncTests
{
    private const ulong Watcher = 90;
    private static readonly ulong[] _users = [1, 2, 3, 4, 5, 6];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Who_is_named_again_has_not_left_and_the_others_are_gone_when_it_is_complete(int shards)
    {
        using World world = Up(shards, out FakeLink link, out FakeConnection watcher);
        ulong[] versions = [.. _users.Select(watcher.VersionOf)];
        link.End();
        world.Advance(5_000);
        link.Begin(resumed: false);
        Assert.Equal([LinkState.Resyncing], link.States);
        for (int i = 0; i < 10; i++)
        {
            world.Advance(10_000);
            watcher.Beat();
            Assert.All(_users, user => Assert.Equal(Status.Online, watcher.StatusOf(user)));
        }

        link.Up(1, 2);
        link.Beat(3, 4);
        link.Complete();
        Assert.Equal(versions[..4], _users[..4].Select(watcher.VersionOf));
        Assert.All(_users[4..], user => Assert.Equal(Status.Offline, watcher.StatusOf(user)));
        Assert.Equal([LinkState.Live], link.States);
        world.Advance(world.Options.SilentAfterMs - 100);
        Assert.Equal(4, link.Users);
        world.Advance(200);
        Assert.Equal(0, link.Users);
    }

    [Fact]
    public void It_may_take_five_minutes_and_no_longer()
    {
        using World world = Up(2, out FakeLink link, out _);
        link.Begin(resumed: false);
        link.Beat(1, 2);
        world.Advance(world.Options.LinkResyncMs - 200);
        Assert.Equal(_users.Length, link.Users);
        link.Beat(1);
        world.Advance(300);
        Assert.Equal(2, link.Users);
        Assert.Equal([LinkState.Live], link.States);
    }

    [Fact]
    public void Who_is_taken_back_while_it_goes_on_is_down_at_once()
    {
        using World world = Up(2, out FakeLink link, out FakeConnection watcher);
        link.Begin(resumed: false);
        link.Up(1);
        link.Down(1, 2);
        Assert.Equal([Status.Offline, Status.Offline, Status.Online], new ulong[] { 1, 2, 3 }.Select(watcher.StatusOf));
        Assert.Equal(4, link.Users);
    }

    [Fact]
    public void A_link_lost_before_it_was_complete_goes_on_where_it_was()
    {
        using World world = Up(2, out FakeLink link, out FakeConnection watcher);
        link.Begin(resumed: false);
        link.Up(1);
        link.End();
        world.Advance(10_000);
        link.Begin(resumed: true);
        link.Up(2);
        Assert.All(_users, user => Assert.Equal(Status.Online, watcher.StatusOf(user)));
        link.Complete();
        Assert.Equal(2, link.Users);
    }

    [Fact]
    public void Nobody_goes_before_the_five_minutes_although_the_link_is_lost()
    {
        using World world = Up(2, out FakeLink link, out _);
        link.Begin(resumed: false);
        link.End();
        world.Advance(100_000);
        Assert.Equal(_users.Length, link.Users);
        world.Advance(world.Options.LinkResyncMs - 100_000 + 100);
        Assert.Equal(0, link.Users);
    }

    [Fact]
    public void Begun_anew_while_the_sweep_of_before_is_under_way()
    {
        using var world = new World(options: new ShardOptions { Budget = TurnBudget.Default with { SweptSlots = 1_024 } });
        FakeLink link = FakeLink.Live(world);
        ulong[] users = [.. Enumerable.Range(1, 5_000).Select(user => (ulong)user)];
        link.Up(users);
        link.Begin(resumed: false);
        link.Up(users[..10]);
        world.IsPaused = true;
        link.Complete();
        world.TurnOf(0);
        int left = world.Shards[0].Users.Count;
        Assert.InRange(left, 1_000, 4_999);
        link.Begin(resumed: false);
        link.Up(users[..20]);
        world.IsPaused = false;
        world.Settle();
        Assert.Equal(left, world.Shards[0].Users.Count - link.Tally.CameUp + users.Length);
        link.Complete();
        Assert.Equal(20, link.Users);
        Assert.All(users[..20], user => Assert.Equal(Status.Online, world.Ask(user).Status));
    }

    [Fact]
    public void Many_generations_later_the_named_are_still_told_from_the_others()
    {
        using World world = Up(1, out FakeLink link, out FakeConnection watcher);
        ulong version = watcher.VersionOf(1);
        for (int i = 0; i < 20; i++)
        {
            link.Begin(resumed: false);
            link.Beat(1);
            if (i % 3 == 0)
            {
                link.Up(7);
            }

            link.Complete();
            Assert.Equal(i % 3 == 0 ? 2 : 1, link.Users);
        }

        Assert.Equal(version, watcher.VersionOf(1));
    }

    [Fact]
    public void Who_was_forgotten_for_eight_generations_goes_by_silence_at_last()
    {
        using World world = Up(1, out FakeLink link, out _);
        for (int i = 0; i < 8; i++)
        {
            link.Begin(resumed: false);
        }

        link.Beat(1);
        link.Down(2);
        link.Complete();
        world.Advance(world.Options.SilentAfterMs - 1_000);
        link.Beat(1);
        world.Advance(2_000);
        Assert.Equal(1, link.Users);
        link.Begin(resumed: false);
        link.Complete();
        Assert.Equal(0, link.Users);
    }

    private static World Up(int shards, out FakeLink link, out FakeConnection watcher)
    {
        var world = new World(shards);
        link = FakeLink.Live(world);
        watcher = world.Watcher(Watcher, _users);
        link.Up(_users);
        return world;
    }
}
