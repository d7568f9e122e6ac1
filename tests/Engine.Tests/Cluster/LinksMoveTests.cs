using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A gateway comes to another node than it was at, and names its set there: who is named has not left, and goes on as before.</summary>
public sealed class LinksMoveTests : IDisposable
{
    private readonly LinkScene _scene = new();

    private NodesWorld Nodes => _scene.Nodes;

    public void Dispose() => _scene.Dispose();

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    public void Its_link_was_lost_and_it_names_its_set_by_beats_at_another_node(int before, int after)
    {
        FakeLink older = _scene.Begin(before);
        ulong[] versions = _scene.Versions();
        older.End();
        Nodes.Advance(3_000);
        FakeLink newer = _scene.NameAnew(after);
        _scene.AssertNobodyWent(versions);
        Assert.Equal((0, LinkScene.Users), (older.Users, newer.Users));
        for (int i = 0; i < 4; i++)
        {
            _scene.Advance(15_000);
            newer.Beat(LinkScene.All);
        }

        Assert.Equal([LinkState.Gone], older.States);
        _scene.AssertNobodyWent(versions);
        _scene.AssertChangesAndGoes(newer);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    public void Its_older_link_is_not_known_to_be_lost(int before, int after)
    {
        FakeLink older = _scene.Begin(before);
        ulong[] versions = _scene.Versions();
        FakeLink newer = _scene.NameAnew(after);
        Nodes.Advance(2_000);
        older.End();
        _scene.Advance(Nodes[0].Options.HoldMs + 2_000);
        newer.Beat(LinkScene.All);
        Assert.Equal(0, older.Users);
        _scene.AssertNobodyWent(versions);
        _scene.AssertChangesAndGoes(newer);
    }

    [Fact]
    public void Back_again_where_it_was_it_is_there_and_nowhere_else()
    {
        FakeLink first = _scene.Begin(edge: 0);
        ulong[] versions = _scene.Versions();
        first.End();
        FakeLink second = _scene.NameAnew(1);
        Nodes.Advance(1_000);
        second.End();
        Nodes.Advance(1_000);
        first.Begin();
        first.Beat(LinkScene.All);
        first.Complete();
        Nodes.Settle();
        Assert.Equal((LinkScene.Users, 0), (first.Users, second.Users));
        _scene.Advance(30_000);
        _scene.AssertNobodyWent(versions);
        _scene.AssertChangesAndGoes(first);
    }

    [Fact]
    public void Who_is_not_named_at_the_other_node_is_gone_when_the_hold_of_the_older_link_is_over()
    {
        FakeLink older = _scene.Begin(edge: 0);
        older.End();
        FakeLink newer = _scene.Link(1);
        newer.Begin();
        newer.Beat(LinkScene.All[..10]);
        newer.Complete();
        _scene.Advance(Nodes[0].Options.HoldMs + 1_000);
        newer.Beat(LinkScene.All[..10]);
        _scene.AssertShown(Status.Away, DeviceKinds.Tablet, LinkScene.All[..10]);
        _scene.AssertShown(Status.Offline, DeviceKinds.None, LinkScene.All[10..]);
        Assert.Equal((0, 10), (older.Users, newer.Users));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Its_node_died_with_the_homes_of_some_and_it_names_its_set_by_beats(bool isFirst)
    {
        _scene.Begin(edge: 2);
        ulong[] versions = _scene.Versions();
        _scene.Kill(2);
        FakeLink newer = _scene.Link(0);
        if (isFirst)
        {
            // Before the others follow a ring without the dead one.
            newer.Begin();
            newer.Beat(LinkScene.All);
            newer.Complete();
        }

        Nodes.Follow(0, 1);
        if (!isFirst)
        {
            Nodes.Advance(2_000);
            newer.Begin();
            newer.Beat(LinkScene.All);
            newer.Complete();
        }

        for (int i = 0; i < 6; i++)
        {
            _scene.Advance(15_000);
            newer.Beat(LinkScene.All);
        }

        _scene.AssertNobodyWent(versions);
        _scene.AssertChangesAndGoes(newer);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_status_without_a_kind_at_another_node_leaves_the_kind(bool isBeatFirst)
    {
        _scene.Begin(edge: 0).End();
        FakeLink newer = _scene.Link(1);
        newer.Begin();
        Array.ForEach(Nodes.All, static world => world.IsPaused = true);
        if (isBeatFirst)
        {
            // No home has said yet what they were.
            newer.Beat(LinkScene.All);
        }

        newer.Up(Status.Busy, DeviceKinds.None, LinkScene.All);
        newer.Complete();
        Array.ForEach(Nodes.All, static world => world.IsPaused = false);
        Nodes.Settle();
        Nodes.Advance(1_000);
        _scene.AssertShown(Status.Busy, DeviceKinds.Tablet, LinkScene.All);
        // Its node knows it too by now, and tells the next homes.
        _scene.Kill(2);
        Nodes.Follow(0, 1);
        Nodes.Advance(2_000);
        newer.Up(Status.Away, DeviceKinds.None, LinkScene.All);
        _scene.AssertShown(Status.Away, DeviceKinds.Tablet, LinkScene.All);
    }

    [Fact]
    public void What_a_gateway_says_of_a_user_that_goes_on_as_before_counts()
    {
        _scene.Begin(edge: 2);
        _scene.Kill(2);
        Nodes.Follow(0, 1);
        FakeLink newer = _scene.Link(0);
        newer.Begin();
        foreach (World world in Nodes.All)
        {
            world.IsPaused = true;
        }

        // Both before any home has said what they are.
        newer.Beat(LinkScene.All);
        newer.Up(Status.Online, DeviceKinds.Tablet, LinkScene.All[..10]);
        newer.Up(Status.Busy, DeviceKinds.Tablet, LinkScene.All[10..20]);
        newer.Up(Status.Unspecified, DeviceKinds.Web, LinkScene.All[20..]);
        newer.Complete();
        foreach (World world in Nodes.All)
        {
            world.IsPaused = false;
        }

        Nodes.Settle();
        Nodes.Advance(1_000);
        _scene.AssertShown(Status.Online, DeviceKinds.Tablet, LinkScene.All[..10]);
        _scene.AssertShown(Status.Busy, DeviceKinds.Tablet, LinkScene.All[10..20]);
        _scene.AssertShown(Status.Away, DeviceKinds.Web, LinkScene.All[20..]);
    }
}
