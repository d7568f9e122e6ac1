using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A gateway at one node, its users at home on all: the same is seen as on one.</summary>
public sealed class LinksBetweenNodesTests : IDisposable
{
    private const int Edge = 0;
    private const ulong FirstWatcher = 1_000_000;
    private const int Users = 30;

    private readonly NodesWorld _nodes = new(2, 1, 3);
    private readonly ulong[] _users = [.. Enumerable.Range(1, Users).Select(static user => (ulong)user)];
    private readonly FakeConnection[] _watchers;
    private readonly FakeLink _link;

    public LinksBetweenNodesTests()
    {
        _watchers = [.. _nodes.All.Select((world, node) => world.Watcher(FirstWatcher + (ulong)node, _users))];
        _link = FakeLink.Live(_nodes[Edge]);
        _nodes.Settle();
    }

    public void Dispose() => _nodes.Dispose();

    [Fact]
    public void Users_come_change_are_heard_of_and_go()
    {
        _link.Up(Status.Away, DeviceKinds.Mobile, _users);
        AssertShown(Status.Away, DeviceKinds.Mobile, _users);
        ulong[] versions = Versions();
        _link.Beat(_users);
        _link.Up(Status.Away, DeviceKinds.Mobile, _users);
        _link.Up(Status.Unspecified, DeviceKinds.None, _users);
        AssertShown(Status.Away, DeviceKinds.Mobile, _users);
        Assert.Equal(versions, Versions());
        _link.Up(Status.Busy, DeviceKinds.None, _users[..10]);
        _link.Up(Status.Unspecified, DeviceKinds.Desktop, _users[10..20]);
        AssertShown(Status.Busy, DeviceKinds.Mobile, _users[..10]);
        AssertShown(Status.Away, DeviceKinds.Desktop, _users[10..20]);
        AssertShown(Status.Away, DeviceKinds.Mobile, _users[20..]);
        _nodes.Advance(1_000);
        _link.Down(_users);
        AssertShown(Status.Offline, DeviceKinds.None, _users);
        Assert.All(_users, user => Assert.Equal((ulong)_nodes[Edge].WallMs, _watchers[2].Of(user).LastActiveMs));
        AssertNobodyIsLeft();
    }

    [Fact]
    public void Who_is_not_named_any_more_goes_by_silence_and_who_is_stays()
    {
        _link.Up(_users);
        _nodes.Settle();
        long named = _nodes[Edge].WallMs;
        for (int i = 0; i < 4; i++)
        {
            Advance((_nodes[Edge].Options.SilentAfterMs / 4) - (i == 3 ? 200 : 0));
            _link.Beat(_users[..5]);
        }

        AssertShown(Status.Online, DeviceKinds.Mobile, _users);
        Advance(500);
        AssertShown(Status.Online, DeviceKinds.Mobile, _users[..5]);
        AssertShown(Status.Offline, DeviceKinds.None, _users[5..]);
        Assert.All(_users[5..], user => Assert.Equal((ulong)named, _watchers[1].Of(user).LastActiveMs));
    }

    [Fact]
    public void Lost_and_resumed_in_time_nobody_is_seen_to_go()
    {
        _link.Up(_users);
        _nodes.Settle();
        ulong[] versions = Versions();
        _link.End();
        Advance(_nodes[Edge].Options.HoldMs - 500);
        _link.Begin(resumed: true);
        Advance(_nodes[Edge].Options.SilentAfterMs - 500);
        AssertShown(Status.Online, DeviceKinds.Mobile, _users);
        Assert.Equal(versions, Versions());
        _link.End(goodbye: true);
        AssertShown(Status.Offline, DeviceKinds.None, _users);
    }

    [Fact]
    public void Lost_and_not_back_in_time_all_go()
    {
        _link.Up(_users);
        _nodes.Advance(2_000);
        long heard = _nodes[Edge].WallMs;
        _link.Beat(_users);
        _nodes.Advance(1_000);
        _link.End();
        Advance(_nodes[Edge].Options.HoldMs - 200);
        AssertShown(Status.Online, DeviceKinds.Mobile, _users);
        Advance(500);
        AssertShown(Status.Offline, DeviceKinds.None, _users);
        Assert.All(_users, user => Assert.Equal((ulong)heard, _watchers[1].Of(user).LastActiveMs));
        AssertNobodyIsLeft();
    }

    [Fact]
    public void Goodbye_takes_all_down_at_once()
    {
        _link.Up(_users);
        _nodes.Settle();
        _link.End(goodbye: true);
        AssertShown(Status.Offline, DeviceKinds.None, _users);
        AssertNobodyIsLeft();
    }

    [Fact]
    public void Named_anew_at_its_node_who_is_not_named_is_gone_when_it_is_complete()
    {
        _link.Up(Status.Busy, DeviceKinds.Web, _users);
        _nodes.Settle();
        ulong[] versions = Versions();
        _link.End();
        Advance(5_000);
        _link.Begin();
        Advance(60_000);
        AssertShown(Status.Busy, DeviceKinds.Web, _users);
        _link.Beat(_users[..20]);
        _link.Complete();
        _nodes.Settle();
        AssertShown(Status.Busy, DeviceKinds.Web, _users[..20]);
        AssertShown(Status.Offline, DeviceKinds.None, _users[20..]);
        Assert.Equal(versions[..20], Versions()[..20]);
    }

    [Fact]
    public void A_status_of_a_gateway_takes_nobodys_invisible_away()
    {
        FakeConnection[] phones = [.. _users.Select(user => _nodes[(int)(user % 3)].Connect(user))];
        _link.Up(_users);
        _nodes.Settle();
        Array.ForEach(phones, static phone => phone.SetStatus(1, Status.Invisible));
        AssertShown(Status.Offline, DeviceKinds.None, _users);
        _link.Up(Status.Busy, DeviceKinds.Mobile, _users);
        _link.Beat(_users);
        _link.Begin();
        _link.Beat(_users);
        _link.Complete();
        AssertShown(Status.Offline, DeviceKinds.None, _users);
        Array.ForEach(phones, static phone => phone.SetStatus(2, Status.Online));
        AssertShown(Status.Busy, DeviceKinds.Mobile | DeviceKinds.Web, _users);
    }

    [Fact]
    public void Beside_other_devices_it_is_one()
    {
        FakeConnection[] phones = [.. _users.Select(user => _nodes[(int)(user % 3)].Connect(user, status: Status.Away, kind: DeviceKinds.Web))];
        _link.Up(Status.Busy, DeviceKinds.Mobile, _users);
        AssertShown(Status.Busy, DeviceKinds.Mobile | DeviceKinds.Web, _users);
        _link.Down(_users);
        AssertShown(Status.Away, DeviceKinds.Web, _users);
        Array.ForEach(phones, static phone => phone.Goodbye());
        AssertShown(Status.Offline, DeviceKinds.None, _users);
    }

    private ulong[] Versions()
    {
        ulong[] versions = [.. _users.Select(_watchers[0].VersionOf)];
        Assert.All(_watchers, watcher => Assert.Equal(versions, _users.Select(watcher.VersionOf)));
        return versions;
    }

    private void Advance(long ms)
    {
        for (long left = ms; left > 0; left -= 10_000)
        {
            _nodes.Advance(Math.Min(left, 10_000));
            Array.ForEach(_watchers, static watcher => watcher.Heard());
        }
    }

    private void AssertShown(Status status, DeviceKinds kinds, ulong[] users)
    {
        _nodes.Settle();
        foreach (FakeConnection watcher in _watchers)
        {
            Assert.All(users, user => Assert.Equal((status, kinds), (watcher.StatusOf(user), watcher.KindsOf(user))));
        }
    }

    private void AssertNobodyIsLeft()
    {
        Array.ForEach(_watchers, static watcher => watcher.Goodbye());
        Array.ForEach(_watchers, static watcher => watcher.Lose());
        _nodes.Advance(1_000);
        Array.ForEach(_nodes.All, static world => world.AssertEmpty());
    }
}
