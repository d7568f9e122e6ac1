using Presence.Protocol;
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
    public void While_the_reader_is_paused_the_time_to_name_the_set_stands_still()
    {
        using var world = new World(2);
        var reader = new FakeConnection(world, 7);
        var link = new FakeLink(world) { Reader = reader };
        link.Begin();
        link.Up(_users);
        link.Complete();
        link.Begin();
        link.Beat(1);
        world.Advance(world.Options.LinkResyncMs - 10_000);
        reader.ReaderPaused = true;
        world.Advance(world.Options.LinkResyncMs);
        Assert.Equal(_users.Length, link.Users);
        reader.ReaderPaused = false;
        world.Advance(9_000);
        link.Beat(2);
        Assert.Equal(_users.Length, link.Users);
        world.Advance(1_300);
        Assert.Equal(2, link.Users);
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
        using World world = Crowd(out FakeLink link, out ulong[] users);
        link.Up(users);
        link.Begin();
        link.Up(users[..10]);
        world.IsPaused = true;
        link.Complete();
        world.TurnOf(0);
        Assert.InRange(world.Shards[0].Users.Count, 1_000, 4_999);
        link.Begin();
        link.Up(users[..20]);
        world.IsPaused = false;
        world.Settle();
        // Who was not named is gone, whoever has begun since; who was, or is now, is not.
        Assert.Equal(20, link.Users);
        link.Begin();
        link.Beat(users[15]);
        link.Complete();
        Assert.Equal(1, link.Users);
    }

    [Fact]
    public void A_beat_of_who_was_not_named_and_is_not_swept_yet_brings_it_up_anew()
    {
        using World world = Crowd(out FakeLink link, out ulong[] users);
        link.Up(Status.Busy, DeviceKinds.Mobile, users);
        link.Begin();
        link.Beat(users[0]);
        world.IsPaused = true;
        link.Complete();
        link.Beat(users[..4_000]);
        link.Up(Status.Unspecified, DeviceKinds.Web, users[4_000]);
        link.Up(Status.Away, DeviceKinds.None, users[4_001]);
        LinkTally before = link.Tally;
        link.Down(users[4_002]);
        world.TurnOf(0);
        Assert.Equal(before with { CameUp = before.CameUp + 4_001, PassedOver = 1 }, link.Tally);
        world.IsPaused = false;
        world.Settle();
        Assert.Equal(4_002, link.Users);
        Assert.Equal(Status.Busy, world.Ask(users[0]).Status);
        Assert.All(users[1..4_001], user => Assert.Equal(Status.Online, world.Ask(user).Status));
        Assert.Equal(Status.Away, world.Ask(users[4_001]).Status);
        Assert.All(users[4_002..], user => Assert.Equal(Status.Offline, world.Ask(user).Status));
        link.Down(users);
        world.AssertEmpty();
    }

    [Fact]
    public void A_gateway_that_never_completes_has_the_time_once()
    {
        using World world = Up(2, out FakeLink link, out _);
        long begun = world.Shards[0].Time.Now;
        for (ulong process = 0; world.Shards[0].Time.Now - begun < world.Options.LinkResyncMs - 1_000; process++)
        {
            link.Begin();
            link.Beat(1 + (process % 2));
            Assert.Equal(_users.Length, link.Users);
            world.Advance(20_000);
        }

        // Two were named, by one process or another.
        Assert.Equal(2, link.Users);
    }

    [Fact]
    public void However_often_it_begins_who_was_named_long_ago_is_gone_at_last()
    {
        using World world = Up(1, out FakeLink link, out FakeConnection watcher);
        link.Begin();
        link.Beat(_users);
        for (int i = 0; i < 100; i++)
        {
            link.Begin();
            link.Beat(1);
            world.Advance(7_000);
            watcher.Beat();
        }

        Assert.Equal(Status.Online, watcher.StatusOf(1));
        Assert.All(_users[1..], user => Assert.Equal(Status.Offline, watcher.StatusOf(user)));
    }

    [Fact]
    public void Who_was_named_in_time_is_named_although_it_has_not_been_applied()
    {
        using World world = Crowd(out FakeLink link, out ulong[] users, linkBeats: 100);
        link.Up(users);
        ulong[] versions = [.. world.AskAll(users).Select(state => state.Version)];
        link.Begin();
        world.Advance(world.Options.LinkResyncMs - 100);
        world.IsPaused = true;
        link.Beat(users);
        world.TurnOf(0);
        world.Skip(500);
        world.CanaryMs = world.MonoMs;
        world.IsPaused = false;
        world.Advance(200);
        Assert.Equal([LinkState.Live], link.States);
        Assert.Equal(versions, world.AskAll(users).Select(state => state.Version));
    }

    [Fact]
    public void Lost_and_begun_again_it_has_what_was_left_of_its_time()
    {
        using World world = Up(1, out FakeLink link, out _);
        link.Begin();
        link.Beat(1);
        world.Advance(world.Options.LinkResyncMs - 5_000);
        link.End();
        world.Advance(4_000);
        Assert.Equal(_users.Length, link.Users);
        world.Advance(2_000);
        Assert.Equal(1, link.Users);
        Assert.Equal([LinkState.Held], link.States);
        link.Begin();
        Assert.InRange(link.Reports.Single().StateEndsInMs, world.Options.LinkResyncMs - 1, world.Options.LinkResyncMs);
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
    public void However_often_it_was_begun_who_was_in_none_is_gone_when_it_is_complete()
    {
        using World world = Up(1, out FakeLink link, out _);
        for (int i = 0; i < 20; i++)
        {
            link.Begin();
            link.Beat(2);
        }

        link.Begin();
        link.Beat(1);
        link.Complete();
        // So many cannot be told apart, so one that was named by a process before the last goes by silence.
        Assert.Equal(2, link.Users);
        world.Advance(world.Options.SilentAfterMs - 1_000);
        link.Beat(1);
        world.Advance(2_000);
        Assert.Equal(1, link.Users);
    }

    [Fact]
    public void Begun_and_completed_over_and_over_before_anybody_is_swept()
    {
        using World world = Crowd(out FakeLink link, out ulong[] users);
        link.Up(users);
        world.IsPaused = true;
        for (int i = 0; i < 20; i++)
        {
            link.Begin();
            link.Beat(users[i]);
            link.Complete();
        }

        world.IsPaused = false;
        world.Settle();
        Assert.Equal(1, link.Users);
        Assert.Equal(Status.Online, world.Ask(users[19]).Status);
    }

    private static World Up(int shards, out FakeLink link, out FakeConnection watcher)
    {
        var world = new World(shards);
        link = FakeLink.Live(world);
        watcher = world.Watcher(Watcher, _users);
        link.Up(_users);
        return world;
    }

    // More users than a turn sweeps.
    private static World Crowd(out FakeLink link, out ulong[] users, int linkBeats = 1_000_000)
    {
        var world = new World(options: new ShardOptions { Budget = TurnBudget.Default with { SweptSlots = 1_024, LinkBeats = linkBeats } });
        link = FakeLink.Live(world);
        users = [.. Enumerable.Range(1, 5_000).Select(user => (ulong)user)];
        return world;
    }
}
