using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A gateway takes its time to name its set at another node than before: whom it has not named yet stays until it has, for the time of a naming, whatever became of the node where it was.</summary>
public sealed class NamedElsewhereTests : IDisposable
{
    // It is said once a second, and what was said before takes its way.
    private const int ToldWithinMs = 2_200;

    // A home looks once a second whether it has to hold on.
    private const int LookedAtMs = 1_000;

    private readonly LinkScene _scene = new();

    private NodesWorld Nodes => _scene.Nodes;

    private static ulong[] First => LinkScene.All[..10];

    private static ulong[] Rest => LinkScene.All[10..];

    private ShardOptions Options => Nodes[0].Options;

    public void Dispose() => _scene.Dispose();

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 0)]
    public void Who_is_not_named_yet_is_held_beyond_the_loss_of_the_older_link_and_gone_when_it_is_complete(int before, int after)
    {
        FakeLink older = _scene.Begin(before);
        ulong[] versions = _scene.Versions();
        older.End();
        Nodes.Advance(5_000);
        FakeLink newer = BeginAt(after);
        Advance(newer, 120_000);
        _scene.AssertNobodyWent(versions);
        newer.Complete();
        Nodes.Advance(ToldWithinMs);
        AssertRestIsGone();
        Assert.Equal((0, First.Length), (older.Users, newer.Users));
    }

    [Fact]
    public void Who_is_named_late_has_not_left()
    {
        FakeLink older = _scene.Begin(edge: 0);
        ulong[] versions = _scene.Versions();
        older.End();
        FakeLink newer = BeginAt(1);
        Advance(newer, 60_000);
        newer.Beat(Rest);
        newer.Complete();
        Nodes.Advance(ToldWithinMs);
        _scene.AssertNobodyWent(versions);
        Assert.Equal((0, LinkScene.Users), (older.Users, newer.Users));
    }

    [Fact]
    public void A_naming_that_is_never_complete_holds_for_its_time()
    {
        FakeLink older = _scene.Begin(edge: 0);
        ulong[] versions = _scene.Versions();
        older.End();
        FakeLink newer = BeginAt(1);
        Advance(newer, Options.LinkResyncMs - 1_000);
        _scene.AssertNobodyWent(versions);
        Advance(newer, 1_000 + ToldWithinMs);
        AssertRestIsGone();
    }

    [Fact]
    public void An_older_link_that_is_not_known_to_be_lost_lets_nobody_go_by_silence()
    {
        FakeLink older = _scene.Begin(edge: 0);
        ulong[] versions = _scene.Versions();
        FakeLink newer = BeginAt(1);
        Advance(newer, 120_000);
        _scene.AssertNobodyWent(versions);
        newer.Complete();
        Advance(newer, Options.SilentAfterMs + ToldWithinMs);
        AssertRestIsGone();
        Assert.Equal(0, older.Users);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whose_node_has_died_is_held_at_the_homes(bool ringChanges)
    {
        _scene.Begin(edge: 2);
        ulong[] versions = _scene.Versions();
        _scene.Kill(2);
        if (ringChanges)
        {
            Nodes.Follow(0, 1);
        }

        ulong[] known = [.. LinkScene.All.Where(user => ringChanges || Nodes.HomeOf(user) != 2)];
        Nodes.Advance(2_000);
        FakeLink newer = BeginAt(0);
        Advance(newer, 120_000);
        AssertShown(known, Status.Away);
        Assert.All(_scene.Watchers, watcher => Assert.All(known, user => Assert.Equal(versions[user - 1], watcher.VersionOf(user))));
        newer.Complete();
        Nodes.Advance(ToldWithinMs + LookedAtMs);
        AssertShown([.. known.Intersect(First)], Status.Away);
        AssertShown([.. known.Except(First)], Status.Offline);
    }

    [Fact]
    public void Whose_node_has_died_is_held_by_the_next_home_too()
    {
        _scene.Begin(edge: 2);
        _scene.Kill(2);
        Nodes.Follow(0, 1);
        Nodes.Advance(2_000);
        FakeLink newer = BeginAt(0);
        Advance(newer, 120_000);
        ulong[] versions = _scene.Versions();
        Nodes.Follow(0);
        Advance(newer, 60_000);
        _scene.AssertNobodyWent(versions);
        newer.Complete();
        Nodes.Advance(ToldWithinMs + LookedAtMs);
        AssertRestIsGone();
    }

    [Fact]
    public void Where_it_was_named_dies_too_and_it_begins_again_at_the_third()
    {
        FakeLink older = _scene.Begin(edge: 0);
        ulong[] versions = _scene.Versions();
        older.End();
        Advance(BeginAt(2), 60_000);
        _scene.Kill(2);
        Nodes.Follow(0, 1);
        Nodes.Advance(5_000);
        FakeLink newest = BeginAt(1);
        Advance(newest, 60_000);
        _scene.AssertNobodyWent(versions);
        newest.Complete();
        Nodes.Advance(ToldWithinMs + LookedAtMs);
        AssertRestIsGone();
    }

    [Fact]
    public void A_gateway_that_does_not_come_back_is_gone_though_another_names_its_set()
    {
        FakeLink older = _scene.Begin(edge: 0);
        older.End();
        var other = new FakeLink(Nodes[1], gateway: 9);
        other.Begin();
        _scene.Advance(Options.HoldMs + 500);
        AssertShown(LinkScene.All, Status.Offline);
    }

    private FakeLink BeginAt(int edge)
    {
        FakeLink link = _scene.Link(edge);
        link.Begin();
        link.Beat(First);
        Nodes.Settle();
        return link;
    }

    private void Advance(FakeLink link, long ms)
    {
        for (long left = ms; left > 0; left -= 10_000)
        {
            _scene.Advance(Math.Min(left, 10_000));
            link.Beat(First);
        }

        Nodes.Settle();
    }

    private void AssertRestIsGone()
    {
        _scene.AssertShown(Status.Away, DeviceKinds.Tablet, First);
        _scene.AssertShown(Status.Offline, DeviceKinds.None, Rest);
    }

    private void AssertShown(ulong[] users, Status status) => Assert.All(_scene.Watchers, watcher => Assert.All(users, user => Assert.Equal(status, watcher.StatusOf(user))));
}
