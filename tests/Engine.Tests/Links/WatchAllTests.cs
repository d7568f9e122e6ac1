using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>
/// A link that watches everybody is told of every transition of every shard; one that is behind gets the latest of each user.
/// </summary>
public sealed class WatchAllTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Every_transition_arrives_in_order(int shards)
    {
        using var world = new World(shards, new ShardOptions { StatusChanges = 0 });
        FakeConnection all = Watching(world, gateway: 1);
        FakeConnection device = world.Connect(500);
        foreach (Status status in new[] { Status.Busy, Status.Away, Status.Online })
        {
            device.SetStatus(1, status, "text");
        }

        FakeLink link = FakeLink.Live(world);
        ulong[] users = [.. Enumerable.Range(1, 400).Select(user => (ulong)user)];
        link.Up(users);
        link.Down(users[..200]);
        PresenceEntry[] told = [.. all.Updates.SelectMany(batch => batch.Entries)];
        Assert.Equal(4 + 600, told.Length);
        Assert.Equal([Status.Online, Status.Busy, Status.Away, Status.Online], told.Where(entry => entry.UserId == 500).Select(entry => entry.Status));
        Assert.Equal("text", all.Of(500).StatusText);
        Assert.All(users, user => Assert.Equal(world.Ask(user).Version, all.VersionOf(user)));
    }

    [Fact]
    public void Who_is_behind_gets_the_latest_of_each_user_and_then_everything_again()
    {
        using var world = new World(2, new ShardOptions { Budget = TurnBudget.Default with { LateEntries = 50 } });
        FakeConnection all = Watching(world, gateway: 1);
        FakeLink link = FakeLink.Live(world);
        ulong[] users = [.. Enumerable.Range(1, 300).Select(user => (ulong)user)];
        all.IsBlocked = true;
        for (int i = 0; i < 10; i++)
        {
            link.Up(i % 2 == 0 ? Status.Busy : Status.Away, DeviceKinds.Web, users);
            world.Advance(500);
        }

        Assert.InRange(all.Unread, 1, 20);
        int before = Told(all);
        all.Drain();
        Assert.True(Told(all) - before <= 2 * users.Length, $"{Told(all) - before} entries");
        Assert.All(users, user => Assert.Equal(world.Ask(user).Version, all.VersionOf(user)));
        link.Up(Status.Online, DeviceKinds.Web, 5);
        Assert.Equal(Status.Online, all.StatusOf(5));
    }

    [Fact]
    public void Behind_again_while_it_catches_up_no_version_goes_back()
    {
        using var world = new World(1, new ShardOptions { Budget = TurnBudget.Default with { LateEntries = 10 } });
        FakeConnection all = Watching(world, gateway: 0);
        FakeLink link = FakeLink.Live(world, gateway: 1);
        ulong[] users = [.. Enumerable.Range(1, 100).Select(user => (ulong)user)];
        all.IsBlocked = true;
        link.Up(Status.Busy, DeviceKinds.Web, users);
        link.Up(Status.Away, DeviceKinds.Web, users);
        world.IsPaused = true;
        all.Drain();
        for (int i = 0; i < 30; i++)
        {
            link.Up(i % 2 == 0 ? Status.Busy : Status.Online, DeviceKinds.Web, users[..(1 + i)]);
            world.TurnOf(0);
            if (i % 5 == 3)
            {
                all.IsBlocked = true;
            }
            else if (i % 5 == 4)
            {
                all.Drain();
            }
        }

        world.IsPaused = false;
        all.Drain();
        Assert.All(users, user => Assert.Equal(world.Ask(user).Version, all.VersionOf(user)));
    }

    [Fact]
    public void Behind_for_ten_seconds_it_is_closed_and_its_set_stands()
    {
        using var world = new World(2);
        FakeLink link = FakeLink.Live(world, gateway: 1);
        FakeConnection all = link.Attach();
        all.Read(new WatchAllRequest(all, 7));
        all.IsBlocked = true;
        link.Up(1, 2, 3);
        world.Advance(world.Options.CongestedForMs + 200);
        Assert.Equal(CloseCode.SlowConsumer, all.ClosedWith);
        all.Lose();
        link.Up(4);
        Assert.Equal(4, link.Users);
    }

    [Fact]
    public void More_users_than_may_be_late_are_too_many()
    {
        using var world = new World(1, new ShardOptions { MaxLateUsers = 10 });
        FakeConnection all = Watching(world, gateway: 1);
        FakeLink link = FakeLink.Live(world);
        all.IsBlocked = true;
        link.Up([.. Enumerable.Range(1, 12).Select(user => (ulong)user)]);
        Assert.Null(all.ClosedWith);
        link.Up([.. Enumerable.Range(13, 12).Select(user => (ulong)user)]);
        Assert.Equal(CloseCode.SlowConsumer, all.ClosedWith);
    }

    [Fact]
    public void An_invisible_user_is_told_of_as_to_any_stranger()
    {
        using var world = new World(2);
        FakeConnection all = Watching(world, gateway: 1);
        FakeConnection device = world.Connect(1);
        device.SetStatus(1, Status.Invisible);
        Assert.Equal(Status.Offline, all.StatusOf(1));
        int told = Told(all);
        device.Goodbye();
        world.Connect(1);
        Assert.Equal(told, Told(all));
    }

    private static FakeConnection Watching(World world, int gateway)
    {
        FakeConnection all = FakeLink.Live(world, gateway).Attach();
        all.Read(new WatchAllRequest(all, 7));
        Assert.True(all.IsAcked(7));
        return all;
    }

    private static int Told(FakeConnection all) => all.Updates.Sum(batch => batch.Entries.Count);
}
