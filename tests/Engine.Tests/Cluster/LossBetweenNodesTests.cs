using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>What goes between nodes is lost, and nodes are: everybody's view comes right again, and nobody is shown offline who is there.</summary>
public sealed class LossBetweenNodesTests : IDisposable
{
    private const int Edge = 0;
    private const int Home = 1;
    private const int At = 2;
    private const ulong Watcher = 1_000_000;

    private readonly NodesWorld _nodes = new(2, 2, 3);

    public void Dispose() => _nodes.Dispose();

    [Fact]
    public void A_change_that_a_watcher_s_node_did_not_hear_is_asked_for()
    {
        ulong user = _nodes.UserOf(Home);
        FakeConnection device = _nodes[Edge].Connect(user), watcher = _nodes[At].Watcher(Watcher, user);
        _nodes.Settle();
        _nodes.Cut.Add((Home, At));
        device.SetStatus(1, Status.Busy);
        _nodes.Advance(500);
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        _nodes.Cut.Clear();
        _nodes.Advance(500);
        Assert.Equal(Status.Busy, watcher.StatusOf(user));
    }

    [Fact]
    public void Who_came_and_who_changed_unheard_is_named_again()
    {
        ulong came = _nodes.UserOf(Home), changed = _nodes.UserOf(Home, came + 1), stayed = _nodes.UserOf(Home, changed + 1);
        FakeConnection watcher = _nodes[At].Watcher(Watcher, came, changed, stayed), device = _nodes[Edge].Connect(changed);
        _nodes[Edge].Connect(stayed);
        _nodes.Settle();
        ulong version = watcher.VersionOf(stayed);
        _nodes.Cut.Add((Edge, Home));
        _nodes[Edge].Connect(came);
        device.SetStatus(1, Status.Away);
        _nodes.Advance(1_000);
        Assert.Equal((Status.Offline, Status.Online), (watcher.StatusOf(came), watcher.StatusOf(changed)));
        _nodes.Cut.Clear();
        _nodes.Advance(1_000);
        Assert.Equal((Status.Online, Status.Away), (watcher.StatusOf(came), watcher.StatusOf(changed)));
        Assert.Equal((Status.Online, version), (watcher.StatusOf(stayed), watcher.VersionOf(stayed)));
    }

    [Fact]
    public void Whose_connection_was_lost_while_its_edge_was_not_heard_and_who_was_given_up_does_not_come_up_by_being_named()
    {
        ulong user = _nodes.UserOf(Home);
        FakeConnection device = _nodes[Edge].Connect(user), watcher = _nodes[Home].Watcher(Watcher, user);
        _nodes.Settle();
        _nodes.CutOff(Edge);
        long edgeHoldMs = _nodes[Home].Shards[0].Options.EdgeHoldMs;
        for (long left = edgeHoldMs - 5_000; left > 0; left -= 5_000)
        {
            _nodes.Advance(5_000);
            device.Heard();
            watcher.Heard();
        }

        device.Lose();
        _nodes.Advance(7_000);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
        ulong version = watcher.VersionOf(user);
        _nodes.Cut.Clear();
        _nodes.Advance(2_000);
        Assert.Equal((Status.Offline, version), (watcher.StatusOf(user), watcher.VersionOf(user)));
    }

    [Fact]
    public void Who_left_unheard_is_held_and_then_gone_as_of_the_last_word_of_its_edge()
    {
        ulong user = _nodes.UserOf(Home);
        FakeConnection device = _nodes[Edge].Connect(user), watcher = _nodes[Home].Watcher(Watcher, user);
        // It came long ago.
        for (int i = 0; i < 10; i++)
        {
            _nodes.Advance(10_000);
            device.Heard();
            watcher.Heard();
        }

        _nodes.Cut.Add((Edge, Home));
        long leftMs = _nodes[Edge].WallMs;
        device.Goodbye();
        _nodes.Advance(1_000);
        _nodes.Cut.Clear();
        _nodes.Advance(1_000);
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        _nodes.Advance(_nodes[Home].Options.HoldMs);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
        Assert.InRange((long)watcher.Of(user).LastActiveMs, leftMs - 1_500, leftMs);
    }

    [Fact]
    public void The_users_of_a_dead_edge_have_the_hold_to_come_back()
    {
        ulong back = _nodes.UserOf(Home), gone = _nodes.UserOf(Home, back + 1);
        FakeConnection older = _nodes[Edge].Connect(back), watcher = _nodes[At].Watcher(Watcher, back, gone);
        _nodes[Edge].Connect(gone);
        _nodes.Advance(2_000);
        ulong version = watcher.VersionOf(back);
        _nodes.Kill(Edge);
        long killed = _nodes[Home].WallMs;
        _nodes.Advance(5_000);
        FakeConnection newer = _nodes[At].Connect(back, resumes: older.Welcome!.Value.SessionId);
        _nodes.Advance(_nodes[Home].Options.HoldMs - 5_200);
        Assert.Equal(Status.Online, watcher.StatusOf(gone));
        _nodes.Advance(400);
        Assert.Equal(Status.Offline, watcher.StatusOf(gone));
        Assert.InRange((long)watcher.Of(gone).LastActiveMs, killed - 1_100, killed);
        _nodes.Advance(1_000);
        newer.Heard();
        Assert.Equal((Status.Online, version), (watcher.StatusOf(back), watcher.VersionOf(back)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_edge_that_is_cut_off_or_frozen_for_twenty_seconds_is_seen_by_nobody(bool isFrozen)
    {
        ulong user = _nodes.UserOf(Home);
        FakeConnection device = _nodes[Edge].Connect(user), watcher = _nodes[Home].Watcher(Watcher, user);
        _nodes.Advance(2_000);
        ulong version = watcher.VersionOf(user);
        if (isFrozen)
        {
            _nodes.Still.Add(Edge);
        }
        else
        {
            _nodes.CutOff(Edge);
        }

        _nodes.Advance(20_000);
        if (isFrozen)
        {
            // Its clocks have gone on, its shards have not turned.
            _nodes[Edge].Skip(20_000);
        }

        _nodes.Still.Clear();
        _nodes.Cut.Clear();
        device.Heard();
        watcher.Heard();
        for (int i = 0; i < 6; i++)
        {
            _nodes.Advance(10_000);
            device.Heard();
            watcher.Heard();
        }

        Assert.Equal((Status.Online, version), (watcher.StatusOf(user), watcher.VersionOf(user)));
    }

    [Fact]
    public void The_users_of_an_edge_that_is_not_heard_any_more_are_gone_at_the_edge_hold()
    {
        ulong user = _nodes.UserOf(Home);
        _nodes[Edge].Connect(user);
        FakeConnection watcher = _nodes[Home].Watcher(Watcher, user);
        _nodes.Advance(2_000);
        long last = _nodes[Home].WallMs;
        _nodes.Still.Add(Edge);
        long edgeHold = _nodes[Home].Options.EdgeHoldMs;
        _nodes.Advance(edgeHold / 2);
        watcher.Heard();
        _nodes.Advance((edgeHold / 2) - 1_100);
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        watcher.Heard();
        _nodes.Advance(1_500);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
        Assert.InRange((long)watcher.Of(user).LastActiveMs, last - 1_100, last);
    }

    [Fact]
    public void A_user_of_whom_nobody_could_be_asked_is_known_as_soon_as_somebody_can()
    {
        ulong user = _nodes.UserOf(Home);
        _nodes[Home].Connect(user);
        _nodes.Settle();
        _nodes.Cut.Add((At, Home));
        FakeConnection watcher = _nodes[At].Watcher(Watcher, user);
        _nodes.Advance(3_000);
        Assert.Equal(Status.Unknown, watcher.StatusOf(user));
        _nodes.Cut.Clear();
        _nodes.Advance(500);
        Assert.Equal(Status.Online, watcher.StatusOf(user));
    }
}
