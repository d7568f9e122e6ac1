using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A link that watches everybody is told of users whose home is at any node.</summary>
public sealed class WatchAllBetweenNodesTests : IDisposable
{
    private const int At = 0;

    private readonly NodesWorld _nodes = new(2, 1, 3);
    private readonly ulong[] _users = [.. Enumerable.Range(1, 60).Select(static user => (ulong)user)];
    private readonly FakeConnection _all;

    public WatchAllBetweenNodesTests()
    {
        _all = new FakeLink(_nodes[At], gateway: 1).Attach();
        _all.Read(new WatchAllRequest(_all, 1));
        _nodes.Settle();
    }

    public void Dispose() => _nodes.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Every_transition_arrives_in_order(int edge)
    {
        FakeLink link = FakeLink.Live(_nodes[edge]);
        Status[] said = [Status.Online, Status.Busy, Status.Away, Status.Online];
        foreach (Status status in said)
        {
            link.Up(status, DeviceKinds.Web, _users);
            _nodes.Settle();
        }

        link.Down(_users);
        _nodes.Settle();
        foreach (ulong user in _users)
        {
            PresenceEntry[] told = [.. _all.Updates.SelectMany(static batch => batch.Entries).Where(entry => entry.UserId == user)];
            Assert.Equal([.. said, Status.Offline], told.Select(static entry => entry.Status));
            Assert.Equal(told.Select(static entry => entry.Version).Order().Distinct(), told.Select(static entry => entry.Version));
        }

        AssertTruth();
    }

    [Fact]
    public void Who_is_invisible_is_told_as_gone_and_no_more()
    {
        FakeConnection[] phones = [.. _users.Select(user => _nodes[(int)(user % 3)].Connect(user))];
        _nodes.Settle();
        Array.ForEach(phones, static phone => phone.SetStatus(1, Status.Invisible));
        _nodes.Settle();
        int told = _all.Updates.Sum(static batch => batch.Entries.Count);
        Assert.All(_users, user => Assert.Equal(Status.Offline, _all.StatusOf(user)));
        FakeLink.Live(_nodes[1]).Up(_users);
        Array.ForEach(phones, static phone => phone.Goodbye());
        _nodes.Settle();
        Assert.Equal(told, _all.Updates.Sum(static batch => batch.Entries.Count));
    }

    [Fact]
    public void Homes_move_and_what_changes_afterwards_is_told_and_nothing_before()
    {
        FakeLink link = FakeLink.Live(_nodes[2]);
        link.Up(_users);
        _nodes.Settle();
        int told = _all.Updates.Sum(static batch => batch.Entries.Count);
        foreach (int[] members in (int[][])[[0, 1], [0, 1, 2], [1], [0, 2]])
        {
            _nodes.Follow(members);
            _nodes.Advance(1_000);
        }

        Assert.Equal(told, _all.Updates.Sum(static batch => batch.Entries.Count));
        link.Up(Status.Busy, DeviceKinds.None, _users);
        _nodes.Settle();
        Assert.All(_users, user => Assert.Equal(Status.Busy, _all.StatusOf(user)));
        AssertTruth();
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(0, 1)]
    public void What_was_not_heard_for_a_while_is_told_when_it_is_heard_again(int from, int to)
    {
        FakeLink link = FakeLink.Live(_nodes[0]);
        link.Up(_users);
        _nodes.Settle();
        _nodes.Cut.Add((from, to));
        link.Up(Status.Busy, DeviceKinds.None, _users[..20]);
        link.Down(_users[20..40]);
        _nodes.Advance(1_000);
        link.Up(Status.Away, DeviceKinds.None, _users[..10]);
        _nodes.Advance(1_000);
        _nodes.Cut.Clear();
        _nodes.Advance(20_000);
        link.Beat(_users[..20]);
        Assert.All(_users[..10], user => Assert.Equal(Status.Away, _all.StatusOf(user)));
        Assert.All(_users[10..20], user => Assert.Equal(Status.Busy, _all.StatusOf(user)));
        Assert.All(_users[20..40], user => Assert.Equal(Status.Offline, _all.StatusOf(user)));
        AssertTruth();
    }

    [Fact]
    public void Behind_it_gets_the_latest_of_each_wherever_its_home_is()
    {
        FakeLink link = FakeLink.Live(_nodes[1]);
        _all.IsBlocked = true;
        for (int i = 0; i < 6; i++)
        {
            link.Up(i % 2 == 0 ? Status.Busy : Status.Away, DeviceKinds.Web, _users);
            _nodes.Advance(500);
        }

        _all.Drain();
        _nodes.Settle();
        Assert.All(_users, user => Assert.Equal(Status.Away, _all.StatusOf(user)));
        AssertTruth();
    }

    private void AssertTruth()
    {
        FakeConnection watcher = _nodes[2].Watcher(2_000_000, _users);
        _nodes.Settle();
        Assert.All(_users, user => Assert.Equal((watcher.StatusOf(user), watcher.VersionOf(user)), (_all.StatusOf(user), _all.VersionOf(user))));
    }
}
