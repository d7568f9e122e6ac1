using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A device has come to another node while the one where it was heard nothing: it is told as soon as it speaks of it again.</summary>
public sealed class ReplacedUnheardTests : IDisposable
{
    private const int Before = 0;
    private const int Home = 1;
    private const int After = 2;
    private const ulong Watcher = 1_000_000;

    private readonly NodesWorld _nodes = new(2, 1, 3);
    private readonly ulong _user;
    private readonly FakeConnection _watcher;

    public ReplacedUnheardTests()
    {
        _user = _nodes.UserOf(Home);
        _watcher = _nodes[Home].Watcher(Watcher, _user);
    }

    public void Dispose() => _nodes.Dispose();

    [Fact]
    public void A_gateway_that_was_elsewhere_meanwhile_and_is_back_stays()
    {
        FakeLink older = FakeLink.Live(_nodes[Before]);
        older.Up(_user);
        _nodes.Settle();
        ulong version = _watcher.VersionOf(_user);
        _nodes.CutOff(Before);
        older.End();
        _nodes.Advance(1_000);
        var newer = new FakeLink(_nodes[After]);
        NamesAll(newer);
        _nodes.Advance(1_000);
        newer.End();
        _nodes.Advance(1_000);
        NamesAll(older);
        _nodes.Cut.Clear();
        for (int i = 0; i < 4; i++)
        {
            _nodes.Advance(10_000);
            older.Beat(_user);
            _watcher.Heard();
        }

        Assert.Equal((Status.Online, version), (_watcher.StatusOf(_user), _watcher.VersionOf(_user)));
        Assert.Equal((1, 0), (older.Users, newer.Users));
    }

    [Fact]
    public void A_session_that_hears_nothing_while_it_is_replaced_is_told_when_its_home_is_heard_again()
    {
        FakeConnection older = _nodes[Before].Connect(_user);
        _nodes.Settle();
        // What it says itself is heard all the time: it does not name its sessions again.
        _nodes.Cut.Add((Home, Before));
        FakeConnection newer = _nodes[After].Connect(_user);
        _nodes.Advance(1_000);
        Assert.Null(older.ClosedWith);
        _nodes.Cut.Clear();
        _nodes.Advance(1_000);
        Assert.Equal(CloseCode.Replaced, older.ClosedWith);
        Assert.Null(newer.ClosedWith);
        older.Goodbye();
        _nodes.Advance(1_000);
        Assert.Equal(Status.Online, _watcher.StatusOf(_user));
        Assert.Equal(0, _nodes[Before].Shards.Sum(static shard => shard.Users.Count));
    }

    [Fact]
    public void A_session_that_is_cut_off_while_it_is_replaced_is_told_when_its_edge_names_it()
    {
        FakeConnection older = _nodes[Before].Connect(_user);
        _nodes.Settle();
        _nodes.CutOff(Before);
        FakeConnection newer = _nodes[After].Connect(_user);
        _nodes.Advance(8_000);
        newer.Goodbye();
        _nodes.Advance(100);
        FakeConnection newest = _nodes[After].Connect(_user);
        _nodes.Advance(1_000);
        Assert.Null(older.ClosedWith);
        _nodes.Cut.Clear();
        _nodes.Advance(1_000);
        Assert.Equal(CloseCode.Replaced, older.ClosedWith);
        Assert.Null(newest.ClosedWith);
        Assert.Equal(Status.Online, _watcher.StatusOf(_user));
    }

    [Fact]
    public void A_gateway_that_is_back_where_it_was_stays_though_the_word_of_its_leaving_comes_late()
    {
        FakeLink older = FakeLink.Live(_nodes[Before]);
        older.Up(_user);
        _nodes.Settle();
        _nodes.Cut.Add((Home, Before));
        var newer = new FakeLink(_nodes[After]);
        NamesAll(newer);
        _nodes.Advance(1_000);
        newer.End();
        NamesAll(older);
        _nodes.Cut.Clear();
        for (int i = 0; i < 4; i++)
        {
            _nodes.Advance(10_000);
            older.Beat(_user);
            _watcher.Heard();
        }

        Assert.DoesNotContain(_watcher.Frames.SelectMany(static frame => frame.PresenceBatch?.Entries ?? []), static entry => entry.Status == Status.Offline && entry.Version != 0);
        Assert.Equal((Status.Online, 1, 0), (_watcher.StatusOf(_user), older.Users, newer.Users));
    }

    [Fact]
    public void A_lease_that_was_renewed_elsewhere_meanwhile_is_one_device()
    {
        _nodes[Before].Lease(_user, Status.Busy);
        _nodes.Settle();
        _nodes.CutOff(Before);
        _nodes.Advance(1_000);
        _nodes[After].Lease(_user, Status.Away);
        _nodes.Settle();
        Assert.Equal(Status.Away, _watcher.StatusOf(_user));
        _nodes.Cut.Clear();
        _nodes.Advance(1_000);
        Assert.Equal(Status.Away, _watcher.StatusOf(_user));
        Assert.Equal(0, _nodes[Before].Shards.Sum(static shard => shard.Users.Count));
        _nodes[After].Lease(_user, Status.Offline);
        _nodes.Settle();
        Assert.Equal(Status.Offline, _watcher.StatusOf(_user));
        _nodes.Advance(_nodes[Home].Options.HoldMs + 2_000);
        Assert.Equal(Status.Offline, _watcher.StatusOf(_user));
    }

    private void NamesAll(FakeLink link)
    {
        link.Begin();
        link.Beat(_user);
        link.Complete();
    }
}
