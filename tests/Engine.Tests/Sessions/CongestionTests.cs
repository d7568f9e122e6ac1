using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A peer that does not read gets the latest state when it does, and costs no more than one entry a watched user (P8).</summary>
public sealed class CongestionTests : IDisposable
{
    private readonly World _world = new(2, new ShardOptions { StatusChanges = 0 });
    private readonly FakeConnection[] _devices;
    private readonly FakeConnection _watcher;

    public CongestionTests()
    {
        _devices = [_world.Connect(1), _world.Connect(2), _world.Connect(3)];
        _watcher = _world.Watcher(10, 1, 2, 3);
    }

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Updates_coalesce_and_the_latest_is_written_when_it_drains()
    {
        _watcher.IsBlocked = true;
        for (int i = 0; i < 500; i++)
        {
            _devices[i % 2].SetStatus(1, i % 4 < 2 ? Status.Busy : Status.Away);
        }

        Assert.Equal(1, _watcher.Unread);
        Assert.Equal(2, _watcher.Dirty!.Count);
        int before = _watcher.Updates.Count();
        _watcher.Drain();
        foreach (ulong user in new ulong[] { 1, 2, 3 })
        {
            Assert.Equal(_world.Ask(user).Version, _watcher.VersionOf(user));
        }

        Assert.Equal(before + 3, _watcher.Updates.Count());
        _devices[2].SetStatus(1, Status.Busy);
        Assert.Equal(Status.Busy, _watcher.StatusOf(3));
    }

    [Fact]
    public void Answers_are_written_and_what_is_no_longer_watched_is_not()
    {
        _watcher.IsBlocked = true;
        _devices[0].SetStatus(1, Status.Busy);
        _devices[1].SetStatus(1, Status.Busy);
        _devices[2].SetStatus(1, Status.Busy);
        _watcher.Unwatch(5, 2);
        _watcher.Query(6, 1);
        _watcher.Drain();
        Assert.True(_watcher.IsAcked(5));
        Assert.Equal(Status.Busy, Assert.Single(_watcher.AnswerTo(6)!).Status);
        Assert.Equal(Status.Online, _watcher.StatusOf(2));
        Assert.Equal(Status.Busy, _watcher.StatusOf(3));
    }

    [Fact]
    public void Who_falls_behind_again_and_again_is_kept_once_and_its_time_begins_anew()
    {
        for (int i = 0; i < 300; i++)
        {
            _watcher.IsBlocked = true;
            _devices[0].SetStatus(1, i % 2 == 0 ? Status.Busy : Status.Online);
            _world.Advance(100);
            Assert.Equal(1, _world.Shards.Sum(shard => shard.Outbox.Congested.Count));
            _watcher.Drain();
            _watcher.Beat();
            _devices[0].Beat();
        }

        Assert.Null(_watcher.ClosedWith);
        Assert.Equal(0, _world.Shards.Sum(shard => shard.Outbox.Congested.Count));
        _watcher.IsBlocked = true;
        _devices[0].SetStatus(1, Status.Busy);
        _watcher.Lose();
        Assert.Equal(0, _world.Shards.Sum(shard => shard.Outbox.Congested.Count));
    }

    [Fact]
    public void Behind_for_ten_seconds_is_closed_and_the_session_held()
    {
        FakeConnection friend = _world.Watcher(11, 20);
        FakeConnection slow = _world.Connect(20);
        slow.Watch(1, [1]);
        ulong version = friend.VersionOf(20);
        slow.IsBlocked = true;
        _devices[0].SetStatus(1, Status.Busy);
        _world.Advance(9_900);
        Assert.Null(slow.ClosedWith);
        _world.Advance(200);
        Assert.Equal(CloseCode.SlowConsumer, slow.ClosedWith);
        slow.Drain();
        slow.Lose();
        _world.Advance(10_000);
        Assert.True(_world.Connect(20).Welcome!.Value.Resumed);
        Assert.Equal(version, friend.VersionOf(20));
    }

    [Fact]
    public void Who_falls_behind_with_the_last_word_is_sent_what_waits_when_it_drains()
    {
        _watcher.IsBlocked = true;
        _watcher.Say(new ConnectionClosing(_watcher, CloseCode.Kicked));
        Assert.Equal(CloseCode.Kicked, _watcher.ClosedWith);
        int flushes = _watcher.Flushes;
        _watcher.Drain();
        Assert.Equal(flushes + 1, _watcher.Flushes);
        Assert.Equal(CloseCode.Kicked, _watcher.GoAway);
    }

    [Fact]
    public void What_the_transport_has_to_say_is_flushed_with_the_turn_and_not_said_once_it_closes()
    {
        int flushes = _watcher.Flushes;
        _watcher.Say(new TransportReply(_watcher, [1, 2]));
        Assert.Equal(flushes + 1, _watcher.Flushes);
        _watcher.Say(new ConnectionClosing(_watcher, CloseCode.Kicked));
        _watcher.Say(new TransportReply(_watcher, [3]));
        Assert.Equal([1, 2], Assert.Single(_watcher.Replies));
    }

    [Fact]
    public void Whoever_drains_in_time_begins_anew()
    {
        for (int i = 0; i < 5; i++)
        {
            _watcher.IsBlocked = true;
            _devices[0].SetStatus(1, i % 2 == 0 ? Status.Busy : Status.Online);
            _world.Advance(8_000);
            _watcher.Heard();
            Array.ForEach(_devices, device => device.Heard());
            _watcher.Drain();
        }

        Assert.Null(_watcher.ClosedWith);
        Assert.Equal(Status.Busy, _watcher.StatusOf(1));
    }

    [Fact]
    public void A_congested_connection_that_goes_leaves_nothing()
    {
        _watcher.IsBlocked = true;
        _devices[0].SetStatus(1, Status.Busy);
        _devices[0].SetStatus(1, Status.Online);
        _watcher.Lose();
        Array.ForEach(_devices, device => device.Goodbye());
        Array.ForEach(_devices, device => device.Lose());
        _watcher.Drain();
        _world.Advance(60_000);
        _world.AssertEmpty();
    }

    [Fact]
    public void Where_too_many_are_congested_the_one_that_is_longest_is_closed_and_held()
    {
        using var world = new World(options: new ShardOptions { MaxCongested = 2, StatusChanges = 0 });
        FakeConnection device = world.Connect(1);
        FakeConnection[] watchers = [.. Enumerable.Range(10, 4).Select(user => world.Watcher((ulong)user, 1))];
        foreach (FakeConnection watcher in watchers)
        {
            watcher.IsBlocked = true;
            world.Advance(100);
            device.SetStatus(1, device.User % 2 == watcher.User % 2 ? Status.Busy : Status.Away);
        }

        world.Advance(200);
        Assert.Equal([CloseCode.SlowConsumer, CloseCode.SlowConsumer, null, null], watchers.Select(static watcher => watcher.ClosedWith));
        Assert.Equal(2, world.Shards[0].Counters.Limits.Of(LimitHits.TotalOutboundBytes));
    }
}
