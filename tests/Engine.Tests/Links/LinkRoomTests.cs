using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Without room for new users a link brings up whom the store knows, and says who was refused (P8).</summary>
public sealed class LinkRoomTests
{
    private const ulong Up = 1;
    private const ulong Known = 2;
    private const ulong New = 3;
    private const ulong AlsoNew = 4;

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Who_is_up_or_known_is_served_and_who_is_new_is_refused(bool isNaming, bool byBeat)
    {
        using World world = Full(out FakeLink link);
        if (isNaming)
        {
            link.Begin();
        }

        ulong[] all = [Up, Known, New, AlsoNew];
        if (byBeat)
        {
            link.Beat(all);
        }
        else
        {
            link.Up(all);
        }

        if (isNaming)
        {
            link.Complete();
        }

        Assert.Equal([(New, LinkRefusal.Memory), (AlsoNew, LinkRefusal.Memory)], link.Refused.Order());
        Assert.Equal(2, link.Users);
        Assert.Equal([Status.Online, Status.Online, Status.Offline, Status.Offline], world.AskAll(all).Select(state => state.Status));
        Assert.Equal([0UL, 0UL], world.AskAll(New, AlsoNew).Select(state => state.Version));
        Assert.Equal((0UL, 0UL), (world.Store[New].Version, world.Store[AlsoNew].Version));
        LinkReport[] reports = [.. link.Reports];
        // Who was known has come up, left, and come up again.
        Assert.Equal((3L, 1L, 2L), (reports.Sum(report => report.Ups), reports.Sum(report => report.Downs), reports.Sum(report => report.Refused)));
        link.IsFull = false;
        link.Beat(New);
        Assert.Equal(Status.Online, world.Ask(New).Status);
        link.Down(all);
        world.AssertEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void While_the_store_does_not_keep_up_who_is_up_is_heard_and_leaves_and_nobody_is_loaded(bool byBeat)
    {
        using World world = Full(out FakeLink link);
        (link.IsFull, link.IsStoreStuck) = (false, true);
        world.Advance(world.Options.SilentAfterMs - 1_000);
        if (byBeat)
        {
            link.Beat(Up, Known, New);
        }
        else
        {
            link.Up(Status.Busy, DeviceKinds.Mobile, Up, Known, New);
        }

        Assert.Equal([(Known, LinkRefusal.Store), (New, LinkRefusal.Store)], link.Refused.Order());
        world.Advance(10_000);
        Assert.Equal(byBeat ? Status.Online : Status.Busy, world.Ask(Up).Status);
        link.Down(Up);
        Assert.Equal(Status.Offline, world.Ask(Up).Status);
        link.IsStoreStuck = false;
        link.Beat(New);
        Assert.Equal(Status.Online, world.Ask(New).Status);
    }

    [Fact]
    public void A_status_of_who_is_up_changes()
    {
        using World world = Full(out FakeLink link);
        link.Up(Status.Busy, DeviceKinds.Mobile, Up);
        Assert.Equal(Status.Busy, world.Ask(Up).Status);
        Assert.Empty(link.Refused);
    }

    [Fact]
    public void Who_is_shown_as_before_a_restart_is_served()
    {
        using World before = Full(out _);
        using World world = before.Restart();
        var link = new FakeLink(world) { IsFull = true };
        link.Begin();
        link.Beat(Up, New);
        link.Complete();
        Assert.Equal((Status.Online, world.Store[Up].Version), (world.Ask(Up).Status, world.Ask(Up).Version));
        Assert.Equal([(New, LinkRefusal.Memory)], link.Refused);
    }

    [Fact]
    public void Who_has_gone_before_the_store_answers_was_never_there()
    {
        using World world = Full(out FakeLink link);
        world.Store.AnswersAtOnce = false;
        link.Up(New, AlsoNew);
        link.Down(New);
        world.Store.AnswerAll();
        world.Settle();
        Assert.Equal([(AlsoNew, LinkRefusal.Memory)], link.Refused);
        Assert.Equal((0UL, 0UL), (world.Store[New].Version, world.Store[AlsoNew].Version));
        Assert.Equal(1, link.Users);
        Assert.Equal(1, world.Shards.Sum(shard => shard.Users.Count));
    }

    [Fact]
    public void Who_is_let_in_by_another_way_before_the_store_answers_stays()
    {
        using World world = Full(out FakeLink link);
        FakeLink roomy = FakeLink.Live(world, gateway: 3);
        world.Store.AnswersAtOnce = false;
        link.Up(Status.Busy, DeviceKinds.Mobile, New, AlsoNew);
        world.Connect(New);
        roomy.Beat(AlsoNew);
        world.Store.AnswerAll();
        world.Settle();
        world.Store.AnswersAtOnce = true;
        Assert.Empty(link.Refused);
        Assert.Equal([Status.Busy, Status.Busy], world.AskAll(New, AlsoNew).Select(state => state.Status));
    }

    [Fact]
    public void Two_gateways_are_refused_the_same_user()
    {
        using World world = Full(out FakeLink link);
        FakeLink other = FakeLink.Live(world, gateway: 3);
        other.IsFull = true;
        world.Store.AnswersAtOnce = false;
        link.Up(New);
        other.Up(New);
        world.Store.AnswerAll();
        world.Settle();
        Assert.Equal([(New, LinkRefusal.Memory)], link.Refused);
        Assert.Equal([(New, LinkRefusal.Memory)], other.Refused);
        Assert.Equal((1, 0), (link.Users, other.Users));
        Assert.Equal(1, world.Shards.Sum(shard => shard.Users.Count));
    }

    [Fact]
    public void Who_was_refused_leaves_nothing_of_a_sweep_behind()
    {
        using World world = Full(out FakeLink link);
        world.Store.AnswersAtOnce = false;
        link.Up(New);
        link.End(goodbye: true);
        world.Store.AnswerAll();
        world.Settle();
        Assert.Equal([LinkState.Gone], link.States);
        world.AssertEmpty();
    }

    // One user is up, one is known to the store, and there is no room for more.
    private static World Full(out FakeLink link)
    {
        var world = new World(2);
        link = FakeLink.Live(world);
        link.Up(Up, Known);
        link.Down(Known);
        link.IsFull = true;
        return world;
    }
}
