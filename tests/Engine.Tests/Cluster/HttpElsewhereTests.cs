using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A lease that is renewed at another node, or a stream that comes back there, says what it has been saying: no choice to be seen, and no end of INVISIBLE.</summary>
public sealed class HttpElsewhereTests : IDisposable
{
    private const ulong Watcher = 1_000_000;
    private const ulong StreamDevice = 5;
    private const int Home = 1;

    private readonly NodesWorld _nodes = new(2, 1, 3);
    private readonly ulong _user;
    private readonly FakeConnection _watcher;

    public HttpElsewhereTests()
    {
        _user = _nodes.UserOf(Home);
        _watcher = _nodes[Home].Watcher(Watcher, _user);
    }

    public void Dispose() => _nodes.Dispose();

    public static TheoryData<int, int> Moves => new() { { 0, 2 }, { 2, Home }, { Home, 0 } };

    [Theory]
    [MemberData(nameof(Moves))]
    public void A_lease_that_is_renewed_there_is_no_choice_and_another_status_is(int before, int after)
    {
        FakeConnection phone = _nodes[0].Connect(_user);
        Lease(before, Status.Busy);
        phone.SetStatus(1, Status.Invisible);
        AssertShown(Status.Offline);
        Assert.Equal(Status.Offline, Lease(after, Status.Busy).Answer!.Value.Status);
        Lease(before, Status.Busy);
        Lease(after, Status.Busy);
        AssertShown(Status.Offline);
        _nodes.Advance(10_000);
        Lease(before, Status.Away);
        AssertShown(Status.Online);
    }

    [Theory]
    [MemberData(nameof(Moves))]
    public void What_was_invisible_by_the_lease_itself_is_seen_by_its_next_word_there(int before, int after)
    {
        Lease(before, Status.Busy);
        Lease(before, Status.Invisible);
        AssertShown(Status.Offline);
        Lease(after, Status.Invisible);
        AssertShown(Status.Offline);
        Lease(before, Status.Busy);
        AssertShown(Status.Busy);
    }

    [Theory]
    [MemberData(nameof(Moves))]
    public void A_stream_that_comes_back_there_as_it_was_is_no_choice_and_as_another_is(int before, int after)
    {
        FakeConnection phone = _nodes[0].Connect(_user);
        FakeConnection first = Stream(before, Status.Busy);
        phone.SetStatus(1, Status.Invisible);
        AssertShown(Status.Offline);
        first.Lose();
        Stream(after, Status.Busy);
        AssertShown(Status.Offline);
        // The older is not known to be lost.
        Stream(before, Status.Busy);
        AssertShown(Status.Offline);
        _nodes.Advance(10_000);
        Stream(after, Status.Away);
        AssertShown(Status.Online);
    }

    [Theory]
    [MemberData(nameof(Moves))]
    public void A_stream_that_is_new_there_is_a_choice(int before, int after)
    {
        FakeConnection phone = _nodes[before].Connect(_user);
        phone.SetStatus(1, Status.Invisible);
        AssertShown(Status.Offline);
        Stream(after, Status.Busy);
        AssertShown(Status.Busy);
    }

    [Fact]
    public void It_is_none_either_when_its_edge_has_died()
    {
        FakeConnection phone = _nodes[0].Connect(_user);
        Lease(2, Status.Busy);
        Stream(2, Status.Away);
        phone.SetStatus(1, Status.Invisible);
        _nodes.Settle();
        _nodes.Kill(2);
        _nodes.Advance(1_000);
        Lease(0, Status.Busy);
        Stream(0, Status.Away);
        AssertShown(Status.Offline);
    }

    [Fact]
    public void It_is_none_either_when_its_home_has_moved()
    {
        ulong user = _nodes.MovingTo(2, from: 1).First();
        FakeConnection watcher = _nodes[0].Watcher(Watcher + 1, user), phone = _nodes[0].Connect(user);
        _nodes[0].Lease(user, Status.Busy);
        _nodes.Settle();
        phone.SetStatus(1, Status.Invisible);
        _nodes.Settle();
        _nodes.Kill(2);
        _nodes.Follow(0, 1);
        _nodes.Advance(1_000);
        _nodes[1].Lease(user, Status.Busy);
        _nodes.Settle();
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
        _nodes[0].Lease(user, Status.Away);
        _nodes.Settle();
        Assert.Equal(Status.Online, watcher.StatusOf(user));
    }

    private FakeLease Lease(int at, Status status)
    {
        FakeLease lease = _nodes[at].Lease(_user, status);
        _nodes.Settle();
        return lease;
    }

    private FakeConnection Stream(int at, Status status)
    {
        FakeConnection stream = _nodes[at].Connect(_user, StreamDevice, status, http: true);
        stream.Say(new SetStatusRequest(stream, 1, status, text: null) { IsOfHello = true });
        _nodes.Settle();
        return stream;
    }

    private void AssertShown(Status status)
    {
        _nodes.Settle();
        Assert.Equal(status, _watcher.StatusOf(_user));
    }
}
