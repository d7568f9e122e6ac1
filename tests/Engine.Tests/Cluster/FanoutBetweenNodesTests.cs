using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Edge, home and watchers on nodes of their own: the same is seen as on one.</summary>
public sealed class FanoutBetweenNodesTests : IDisposable
{
    private const ulong Watcher = 1_000_000;

    private readonly NodesWorld _nodes = new(2, 1, 3);

    public void Dispose() => _nodes.Dispose();

    // Home, edge and watcher: all three apart, each two together, all on one.
    public static TheoryData<int, int, int> Places()
    {
        var places = new TheoryData<int, int, int>();
        for (int place = 0; place < 27; place++)
        {
            places.Add(place % 3, place / 3 % 3, place / 9);
        }

        return places;
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void A_user_comes_changes_and_goes(int home, int edge, int at)
    {
        ulong user = _nodes.UserOf(home);
        FakeConnection watcher = _nodes[at].Watcher(Watcher, user);
        _nodes.Settle();
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
        Assert.Equal(0UL, watcher.VersionOf(user));
        FakeConnection device = _nodes[edge].Connect(user);
        _nodes.Settle();
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        device.SetStatus(7, Status.Busy, "at work");
        _nodes.Settle();
        Assert.Equal(Status.Busy, watcher.StatusOf(user));
        Assert.Equal("at work", watcher.Of(user).StatusText);
        Assert.Equal(watcher.VersionOf(user), device.AckOf(7));
        _nodes.Advance(1_000);
        device.Goodbye();
        _nodes.Settle();
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
        Assert.Equal((ulong)_nodes[edge].WallMs, watcher.Of(user).LastActiveMs);
        watcher.Goodbye();
        device.Lose();
        watcher.Lose();
        _nodes.Advance(1_000);
        Array.ForEach(_nodes.All, static world => world.AssertEmpty());
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void A_watch_that_begins_later_is_answered_with_what_is(int home, int edge, int at)
    {
        ulong user = _nodes.UserOf(home);
        _nodes[edge].Connect(user, status: Status.Away, kind: Protocol.DeviceKinds.Mobile);
        _nodes.Settle();
        FakeConnection watcher = _nodes[at].Watcher(Watcher, user);
        _nodes.Settle();
        Assert.Equal(Status.Away, watcher.StatusOf(user));
        Assert.NotNull(watcher.AnswerTo(1));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void A_lost_connection_is_held_and_then_gone_as_of_its_last_frame(int home, int edge, int at)
    {
        ulong user = _nodes.UserOf(home);
        FakeConnection device = _nodes[edge].Connect(user), watcher = _nodes[at].Watcher(Watcher, user);
        _nodes.Advance(3_000);
        device.Heard();
        long lastFrame = _nodes[edge].WallMs;
        _nodes.Advance(2_000);
        device.Lose();
        _nodes.Advance(_nodes[home].Options.HoldMs - 100);
        watcher.Heard();
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        _nodes.Advance(300);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
        Assert.Equal((ulong)lastFrame, watcher.Of(user).LastActiveMs);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void A_silent_device_is_gone_as_on_one_node(int home, int edge, int at)
    {
        ulong user = _nodes.UserOf(home);
        _nodes[edge].Connect(user);
        FakeConnection watcher = _nodes[at].Watcher(Watcher, user);
        _nodes.Settle();
        long silent = _nodes[edge].Options.SilentAfterMs;
        _nodes.Advance(silent / 2);
        watcher.Heard();
        _nodes.Advance((silent / 2) - 100);
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        _nodes.Advance(300);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 0)]
    [InlineData(0, 2)]
    public void A_device_that_comes_to_another_node_is_seen_by_nobody_to_move(int before, int after)
    {
        for (int home = 0; home < 3; home++)
        {
            ulong user = _nodes.UserOf(home, from: 100);
            FakeConnection older = _nodes[before].Connect(user), watcher = _nodes[home].Watcher(Watcher + (ulong)home, user);
            _nodes.Settle();
            ulong version = watcher.VersionOf(user);
            _nodes.Advance(500);
            FakeConnection newer = _nodes[after].Connect(user, resumes: older.Welcome!.Value.SessionId);
            _nodes.Settle();
            Assert.Equal(CloseCode.Replaced, older.ClosedWith);
            // The old connection's end, however late, is nobody's.
            older.Lose();
            _nodes.Advance(_nodes[0].Options.HoldMs + 2_000);
            Assert.Equal((Status.Online, version), (watcher.StatusOf(user), watcher.VersionOf(user)));
            newer.Goodbye();
            _nodes.Settle();
            Assert.Equal(Status.Offline, watcher.StatusOf(user));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Devices_on_several_nodes_are_one_user(int home)
    {
        ulong user = _nodes.UserOf(home);
        FakeConnection watcher = _nodes[0].Watcher(Watcher, user);
        FakeConnection web = _nodes[1].Connect(user, device: 1, status: Status.Away), phone = _nodes[2].Connect(user, device: 2, status: Status.Busy);
        _nodes.Settle();
        Assert.Equal(Status.Busy, watcher.StatusOf(user));
        phone.Goodbye();
        _nodes.Settle();
        Assert.Equal(Status.Away, watcher.StatusOf(user));
        web.Goodbye();
        _nodes.Settle();
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Invisible_is_offline_to_others_and_itself_to_its_own(int home, int edge, int at)
    {
        ulong user = _nodes.UserOf(home);
        FakeConnection device = _nodes[edge].Connect(user, device: 1), own = _nodes[at].Connect(user, device: 2), watcher = _nodes[at].Watcher(Watcher, user);
        own.Watch(1, [user]);
        _nodes.Settle();
        device.SetStatus(1, Status.Invisible);
        _nodes.Settle();
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
        Assert.Equal(Status.Invisible, own.StatusOf(user));
        FakeConnection third = _nodes[at].Connect(user, device: 3);
        _nodes.Settle();
        third.Watch(1, [user]);
        _nodes.Settle();
        Assert.Equal(Status.Invisible, third.StatusOf(user));
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
        device.SetStatus(2, Status.Online);
        _nodes.Settle();
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        Assert.Equal(Status.Online, own.StatusOf(user));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void A_lease_comes_and_is_ended(int home, int edge, int at)
    {
        ulong user = _nodes.UserOf(home);
        FakeConnection watcher = _nodes[at].Watcher(Watcher, user);
        FakeLease lease = _nodes[edge].Lease(user, Status.Busy);
        _nodes.Settle();
        Assert.Equal(Status.Busy, watcher.StatusOf(user));
        Assert.Equal(Status.Busy, lease.Answer?.Status);
        FakeLease end = _nodes[edge].Lease(user, Status.Offline);
        _nodes.Settle();
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
        Assert.Equal(Status.Offline, end.Answer?.Status);
    }

    [Fact]
    public void A_home_that_nobody_reaches_is_unknown_and_a_status_for_it_is_not_durable()
    {
        ulong user = _nodes.UserOf(1);
        FakeConnection device = _nodes[0].Connect(user);
        _nodes.Settle();
        _nodes.Cut.Add((0, 1));
        FakeConnection watcher = _nodes[0].Watcher(Watcher, user);
        device.SetStatus(3, Status.Busy);
        _nodes.Advance(100);
        Assert.Equal(Status.Unknown, watcher.StatusOf(user));
        Assert.Equal(ErrorCode.Unavailable, device.Errors.Single().Code);
    }

    [Fact]
    public void A_home_that_does_not_answer_is_waited_for_no_longer_than_that()
    {
        ulong user = _nodes.UserOf(1);
        _nodes.Cut.Add((1, 0));
        FakeConnection watcher = _nodes[0].Watcher(Watcher, user);
        _nodes.Advance(2_300);
        Assert.Equal(Status.Unknown, watcher.StatusOf(user));
    }
}
