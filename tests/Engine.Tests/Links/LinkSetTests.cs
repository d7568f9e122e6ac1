using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A link carries a set of users: who is named is up, whatever was said before, and the gateway is one device of each.</summary>
public sealed class LinkSetTests
{
    private const ulong Watcher = 90;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Who_is_named_is_up_and_who_is_taken_back_is_down(int shards)
    {
        using var world = new World(shards);
        FakeLink link = FakeLink.Live(world);
        FakeConnection watcher = world.Watcher(Watcher, 1, 2, 3, 4);
        link.Up(1, 2, 3);
        link.Beat(3, 4);
        Assert.Equal((Status.Online, DeviceKinds.Mobile), Shown(world, 1));
        Assert.Equal((Status.Online, DeviceKinds.None), Shown(world, 4));
        link.Down(2, 4);
        Assert.Equal([Status.Online, Status.Offline, Status.Online, Status.Offline], new ulong[] { 1, 2, 3, 4 }.Select(watcher.StatusOf));
        Assert.Equal((ulong)world.WallMs, watcher.Of(2).LastActiveMs);
        Assert.Equal(new LinkTally(CameUp: 4, WentDown: 2, PassedOver: 0), link.Tally);
        Assert.Equal(2, link.Users);
        Assert.Equal(0, link.Open);
    }

    [Fact]
    public void Repeats_are_harmless_and_downs_of_nobody_are_counted()
    {
        using var world = new World();
        FakeLink link = FakeLink.Live(world);
        link.Up(1, 1, 2, 1);
        ulong version = world.Ask(1).Version;
        link.Up(1, 2);
        link.Beat(2, 2, 3, 3);
        link.Down(3, 3, 7, 7);
        Assert.Equal(version, world.Ask(1).Version);
        Assert.Equal(new LinkTally(CameUp: 3, WentDown: 1, PassedOver: 3), link.Tally);
    }

    [Fact]
    public void An_up_changes_the_status_of_who_is_up_and_one_without_a_status_leaves_it()
    {
        using var world = new World(options: new ShardOptions { StatusChanges = 1 });
        FakeLink link = FakeLink.Live(world);
        link.Up(1);
        foreach (Status status in new[] { Status.Busy, Status.Away, Status.Online, Status.Busy })
        {
            link.Up(status, DeviceKinds.None, 1);
            Assert.Equal((status, DeviceKinds.Mobile), Shown(world, 1));
        }

        link.Up(Status.Unspecified, DeviceKinds.Desktop, 1);
        Assert.Equal((Status.Busy, DeviceKinds.Desktop), Shown(world, 1));
        ulong version = world.Ask(1).Version;
        link.Beat(1);
        Assert.Equal(version, world.Ask(1).Version);
    }

    [Fact]
    public void The_seventeenth_device_is_refused()
    {
        using var world = new World();
        for (ulong device = 1; device <= 16; device++)
        {
            world.Connect(1, device);
        }

        FakeLink link = FakeLink.Live(world);
        link.Up(1, 2);
        link.Beat(1);
        Assert.Equal(new LinkTally(CameUp: 1, WentDown: 0, PassedOver: 0), link.Tally);
        Assert.Equal([(1UL, LinkRefusal.Devices), (1UL, LinkRefusal.Devices)], link.Refused);
        Assert.Equal(1, link.Users);
    }

    [Fact]
    public void Several_gateways_and_a_direct_device_carry_one_user()
    {
        using var world = new World(2);
        FakeLink phones = FakeLink.Live(world, gateway: 0);
        FakeLink browsers = FakeLink.Live(world, gateway: 5);
        FakeConnection watcher = world.Watcher(Watcher, 1);
        phones.Up(Status.Away, DeviceKinds.Mobile, 1);
        browsers.Up(Status.Busy, DeviceKinds.Web, 1);
        FakeConnection direct = world.Connect(1, kind: DeviceKinds.Desktop);
        Assert.Equal((Status.Busy, DeviceKinds.Mobile | DeviceKinds.Web | DeviceKinds.Desktop), Shown(world, 1));
        browsers.Down(1);
        Assert.Equal((Status.Online, DeviceKinds.Mobile | DeviceKinds.Desktop), Shown(world, 1));
        direct.Goodbye();
        Assert.Equal((Status.Away, DeviceKinds.Mobile), Shown(world, 1));
        phones.End(goodbye: true);
        Assert.Equal(Status.Offline, watcher.StatusOf(1));
        Assert.Equal(0, phones.Users + browsers.Users);
    }

    [Fact]
    public void A_link_says_nothing_of_an_invisible_user()
    {
        using var world = new World();
        FakeConnection device = world.Connect(1);
        device.SetStatus(1, Status.Invisible);
        PresenceState shown = world.Ask(1);
        FakeLink link = FakeLink.Live(world);
        link.Up(Status.Busy, DeviceKinds.Web, 1);
        link.Beat(1);
        Assert.Equal(shown, world.Ask(1));
        device.SetStatus(2, Status.Online);
        Assert.Equal((Status.Busy, DeviceKinds.Web), Shown(world, 1));
    }

    [Fact]
    public void What_is_said_while_the_user_is_loaded_holds_afterwards()
    {
        using var world = new World();
        FakeLink link = FakeLink.Live(world);
        world.Store.AnswersAtOnce = false;
        link.Up(1, 2);
        link.Up(Status.Busy, DeviceKinds.None, 1);
        link.Down(2);
        link.Beat(3);
        world.Store.AnswerAll();
        world.Settle();
        world.Store.AnswersAtOnce = true;
        Assert.Equal((Status.Busy, DeviceKinds.Mobile), Shown(world, 1));
        Assert.Equal(Status.Offline, world.Ask(2).Status);
        Assert.Equal(Status.Online, world.Ask(3).Status);
    }

    [Fact]
    public void An_ordinal_given_to_another_gateway_takes_the_former_ones_users_down()
    {
        using var world = new World(2);
        FakeLink.Live(world).Up(1, 2);
        var other = new FakeLink(world) { Key = 77 };
        other.Begin();
        other.Up(2, 3);
        Assert.Equal(Status.Offline, world.Ask(1).Status);
        Assert.Equal(Status.Online, world.Ask(2).Status);
        Assert.Equal(2, other.Users);
    }

    [Fact]
    public void Users_on_links_cost_one_entry_and_nothing_managed()
    {
        using var world = new World();
        FakeLink link = FakeLink.Live(world);
        ulong[] users = [.. Enumerable.Range(1, 1_000).Select(user => (ulong)user)];
        link.Up(users);
        world.Advance(10_000);
        link.Down(users);
        world.Advance(10_000);
        link.Beat(users);
        Assert.Equal(1_000, world.Shards[0].Users.Slots);
        Assert.Equal(0, world.Shards[0].Presences.Times);
        link.Down(users);
        world.AssertEmpty();
    }

    private static (Status Status, DeviceKinds Kinds) Shown(World world, ulong user)
    {
        PresenceState state = world.Ask(user);
        return (state.Status, state.Kinds);
    }
}
