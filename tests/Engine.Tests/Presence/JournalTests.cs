using System.Text;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>What is acknowledged is durable (P7), and nobody else waits for the disk.</summary>
public sealed class JournalTests : IDisposable
{
    private const ulong User = 1;
    private const ulong Watcher = 2;

    private readonly World _world = new(2);
    private readonly FakeConnection _watcher;
    private readonly FakeConnection _device;

    public JournalTests()
    {
        _watcher = _world.Watcher(Watcher, User);
        _device = _world.Connect(User);
        _world.Journal.CommitsAtOnce = false;
    }

    public void Dispose() => _world.Dispose();

    [Fact]
    public void An_ack_waits_for_the_disk_and_a_watcher_does_not()
    {
        _device.SetStatus(1, Status.Busy, "in a meeting");
        Assert.Equal(Status.Busy, _watcher.StatusOf(User));
        Assert.False(_device.IsAcked(1));
        Commit();
        Assert.Equal(_watcher.VersionOf(User), _device.AckOf(1));
        JournalEntry entry = _world.Journal.LastOf(User);
        Assert.Equal((_watcher.VersionOf(User), (byte)Status.Busy, TransitionCause.Explicit), (entry.User.Version, entry.User.Status, entry.Cause));
        Assert.True(entry.IsVisible);
        Assert.Equal("in a meeting", Encoding.UTF8.GetString(entry.Text!));
    }

    [Fact]
    public void An_ack_of_what_changes_nothing_waits_for_what_came_before()
    {
        _device.SetStatus(1, Status.Busy);
        _device.SetStatus(2, Status.Busy);
        _world.Journal.Fails = true;
        Commit();
        Assert.Equal(1UL, Assert.Single(_device.Errors).RequestId);
        Commit();
        Assert.Equal([1UL, 2UL], _device.Errors.Select(error => error.RequestId));
        Assert.All(_device.Errors, error => Assert.Equal(ErrorCode.Unavailable, error.Code));
        Assert.Equal(Status.Busy, _watcher.StatusOf(User));
    }

    [Fact]
    public void What_is_said_while_one_commit_is_under_way_shares_the_next()
    {
        _device.SetStatus(1, Status.Busy);
        _device.SetStatus(2, Status.Away);
        _device.SetStatus(3, Status.Online);
        Assert.Equal(1, _world.Journal.Open);
        Commit();
        Assert.True(_device.IsAcked(1));
        Assert.False(_device.IsAcked(2));
        Commit();
        Assert.True(_device.IsAcked(2));
        Assert.Equal(_watcher.VersionOf(User), _device.AckOf(3));
    }

    [Fact]
    public void A_superseded_status_is_acked_when_what_superseded_it_is_durable()
    {
        _world.Journal.CommitsAtOnce = true;
        for (ulong request = 1; request <= 7; request++)
        {
            _device.SetStatus(request, request % 2 == 0 ? Status.Online : Status.Busy);
        }

        _world.Journal.CommitsAtOnce = false;
        _world.Advance(6_100);
        Assert.False(_device.IsAcked(6));
        Commit();
        Assert.Equal([_watcher.VersionOf(User)], new[] { _device.AckOf(6), _device.AckOf(7) }.Distinct());
    }

    [Fact]
    public void An_invisible_users_choice_is_journaled_and_waited_for_too()
    {
        FakeConnection observer = _world.Connect(3, status: Status.Offline);
        observer.SetStatus(1, Status.Invisible);
        Assert.False(observer.IsAcked(1));
        JournalEntry entry = _world.Journal.LastOf(3);
        Assert.Equal((UserRecordFlags.Invisible, false), (entry.User.Flags, entry.IsVisible));
        Commit();
        Assert.True(observer.IsAcked(1));
    }

    [Fact]
    public void Frozen_and_true_time_of_an_invisible_user_are_both_in_it()
    {
        _device.SetStatus(1, Status.Invisible);
        long frozen = _world.Journal.LastOf(User).User.LastActiveMs;
        _world.Advance(10_000);
        _device.Goodbye();
        UserRecord last = _world.Journal.LastOf(User).User;
        Assert.Equal((frozen, frozen + 10_000), (last.LastActiveMs, last.TrueLastActiveMs));
    }

    [Theory]
    [InlineData(Status.Busy)]
    [InlineData(Status.Offline)]
    public void A_lease_waits_as_a_session_does(Status status)
    {
        _world.Journal.CommitsAtOnce = true;
        _world.Lease(5, Status.Online);
        _world.Journal.CommitsAtOnce = false;
        FakeLease lease = _world.Lease(5, status);
        Assert.Null(lease.Answer);
        Assert.Equal(status, _world.Ask(5).Status);
        Commit();
        Assert.Equal(status, lease.Answer!.Value.Status);
    }

    [Fact]
    public void A_lease_that_cannot_be_durable_is_told()
    {
        _world.Journal.Fails = true;
        FakeLease lease = _world.Lease(5, Status.Busy);
        Commit();
        Assert.True(lease.IsNotDurable);
        Assert.Null(lease.Answer);
        Assert.Equal(Status.Busy, _world.Ask(5).Status);
    }

    [Fact]
    public void A_disk_that_does_not_answer_is_waited_for_so_long_and_no_longer()
    {
        _device.SetStatus(1, Status.Busy);
        _world.Advance(_world.Options.DurableWithinMs - 100);
        _device.SetStatus(2, Status.Away);
        Assert.Empty(_device.Errors);
        _world.Advance(100);
        Assert.Equal(1UL, Assert.Single(_device.Errors).RequestId);
        _device.Beat();
        _world.Advance(_world.Options.DurableWithinMs);
        Assert.Equal([1UL, 2UL], _device.Errors.Select(error => error.RequestId));

        // The word comes after all, to nobody; the next change is asked for again.
        Commit();
        Assert.False(_device.IsAcked(1));
        _device.SetStatus(3, Status.Busy);
        Commit();
        Assert.True(_device.IsAcked(3));
        Assert.Equal(2, _device.Errors.Count());
    }

    [Fact]
    public void Beyond_the_limit_nobody_waits()
    {
        using var world = new World(options: new ShardOptions { MaxWaitingForJournal = 2, StatusChanges = 0 });
        FakeConnection device = world.Connect(User);
        world.Journal.CommitsAtOnce = false;
        for (ulong request = 1; request <= 4; request++)
        {
            device.SetStatus(request, request % 2 == 0 ? Status.Online : Status.Busy);
        }

        Assert.Equal([3UL, 4UL], device.Errors.Select(error => error.RequestId));
    }

    [Fact]
    public void Who_is_gone_when_the_word_comes_misses_nothing()
    {
        _device.SetStatus(1, Status.Busy);
        _device.Lose();
        Commit();
        Assert.False(_device.IsAcked(1));
        Assert.All(_world.Shards, shard => Assert.Equal(0, shard.Journal.Waiting));
    }

    [Fact]
    public void Heartbeats_and_reads_never_touch_it()
    {
        int before = _world.Journal.Entries.Count();
        for (int i = 0; i < 20; i++)
        {
            _world.Advance(10_000);
            _device.Beat(HeartbeatFlags.WantAck | HeartbeatFlags.Active);
            _watcher.Beat();
            _watcher.Query(7, User);
        }

        Assert.Equal(before, _world.Journal.Entries.Count());
        Assert.Equal(0, _world.Journal.Open);
    }

    [Fact]
    public void Every_shard_states_a_watermark_every_second()
    {
        int[] before = [.. _world.Journal.Watermarks.Select(lane => lane.Count)];
        _world.Advance(10_000);
        for (int shard = 0; shard < before.Length; shard++)
        {
            long[] stated = [.. _world.Journal.Watermarks[shard].Skip(before[shard])];
            Assert.Equal(10, stated.Length);
            Assert.InRange(_world.WallMs - stated[^1], 0, 1_000);
        }
    }

    [Fact]
    public void What_was_acknowledged_is_there_after_a_kill_and_what_was_not_may_not_be()
    {
        FakeConnection other = _world.Connect(3);
        _device.SetStatus(1, Status.Busy);
        other.SetStatus(1, Status.Invisible);
        Commit();
        _device.SetStatus(2, Status.Away);
        Assert.False(_device.IsAcked(2));
        var store = new FakeStore { LastWatermarkMs = _world.WallMs };
        _world.Journal.RecoverInto(store);
        using var next = new World(2, store: store, wallMs: _world.WallMs + 1_000);
        Assert.Equal(Status.Busy, next.Ask(User).Status);
        Assert.Equal(Status.Offline, next.Ask(3).Status);
        Assert.Equal(Status.Invisible, next.AskSelf(3).Status);
    }

    private void Commit()
    {
        _world.Journal.CommitAll();
        _world.Settle();
    }
}
