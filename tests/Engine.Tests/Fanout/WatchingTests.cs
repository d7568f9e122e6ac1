using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>What Watch, Query and Unwatch answer.</summary>
public sealed class WatchingTests : IDisposable
{
    private const ulong User = 1;
    private const ulong NeverSeen = 99;

    private readonly World _world = new(4, new ShardOptions { MaxWatches = 10, MaxPendingRequests = 3 });
    private readonly FakeConnection _watcher;

    public WatchingTests() => _watcher = _world.Connect(2);

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Every_id_is_answered_unless_the_version_sent_is_the_users()
    {
        _world.Connect(User);
        _watcher.Watch(1, [User, NeverSeen]);
        ulong version = _watcher.VersionOf(User);
        Assert.Equal([User, NeverSeen], _watcher.AnswerTo(1)!.Select(entry => entry.UserId));
        _watcher.Watch(2, [User, NeverSeen], version, 0);
        Assert.Equal([NeverSeen], _watcher.AnswerTo(2)!.Select(entry => entry.UserId));
        _watcher.Watch(3, [User], version - 1);
        Assert.Equal(version, Assert.Single(_watcher.AnswerTo(3)!).Version);
        Assert.False(Assert.Single(_watcher.AnswerTo(3)!).Reset);
        _watcher.Watch(4, [User], 0);
        Assert.Single(_watcher.AnswerTo(4)!);
    }

    [Fact]
    public void A_user_nobody_has_seen_is_offline_at_version_0_without_a_time()
    {
        _watcher.Watch(1, [NeverSeen]);
        PresenceEntry entry = Assert.Single(_watcher.AnswerTo(1)!);
        Assert.Equal((Status.Offline, 0UL, false), (entry.Status, entry.Version, entry.HasLastActiveMs));
    }

    [Fact]
    public void A_version_from_the_future_is_to_be_forgotten()
    {
        _world.Connect(User);
        ulong future = (ulong)(_world.WallMs + 60_000) << 16;
        _watcher.Watch(1, [User, NeverSeen], future, future);
        Assert.All(_watcher.AnswerTo(1)!, entry => Assert.True(entry.Reset));
        Assert.Equal(Status.Online, _watcher.StatusOf(User));
    }

    [Fact]
    public void Over_the_limit_nothing_is_done()
    {
        _watcher.Watch(1, [10, 11, 12, 13, 14]);
        _watcher.Watch(2, [14, 15, 16, 17, 18, 19, 20]);
        Error error = Assert.Single(_watcher.Errors);
        Assert.Equal((2UL, ErrorCode.Limit, LimitNames.Watches, 10UL), (error.RequestId, error.Code, error.Which, error.Allowed));
        Assert.Equal(5, _world.Shards.Sum(shard => shard.WatchIndex.Watches));
        _world.Connect(15);
        _world.Connect(14);
        Assert.Equal(Status.Unspecified, _watcher.StatusOf(15));
        Assert.Equal(Status.Online, _watcher.StatusOf(14));
        _watcher.Unwatch(3, 10, 11);
        _watcher.Watch(4, [15, 16, 17, 18, 19, 20, 21]);
        Assert.Equal(7, _watcher.AnswerTo(4)!.Count);
    }

    [Fact]
    public void More_requests_than_may_wait_are_refused_by_name_and_the_others_answered()
    {
        _world.Store.AnswersAtOnce = false;
        for (ulong request = 1; request <= 5; request++)
        {
            _watcher.Query(request, 100 + request);
        }

        Assert.Equal([4UL, 5UL], _watcher.Errors.Select(error => error.RequestId));
        Assert.All(_watcher.Errors, error => Assert.Equal((LimitNames.PendingRequests, 3UL), (error.Which, error.Allowed)));
        _world.Store.AnswersAtOnce = true;
        _world.Store.AnswerAll();
        _world.Settle();
        Assert.All(new ulong[] { 1, 2, 3 }, request => Assert.Single(_watcher.AnswerTo(request)!));
        _watcher.Query(6, 200);
        Assert.Single(_watcher.AnswerTo(6)!);
    }

    [Fact]
    public void After_unwatch_nothing_more_comes()
    {
        FakeConnection device = _world.Connect(User);
        _watcher.Watch(1, [User, 5]);
        _watcher.Unwatch(2, User, 77);
        Assert.True(_watcher.IsAcked(2));
        device.SetStatus(3, Status.Busy);
        Assert.Equal(Status.Online, _watcher.StatusOf(User));
        _watcher.Watch(3, [User], _watcher.VersionOf(User));
        Assert.Equal(Status.Busy, _watcher.StatusOf(User));
    }

    [Fact]
    public void What_a_client_sends_before_it_is_welcome_waits_for_its_session()
    {
        _world.Connect(User);
        _world.IsPaused = true;
        for (int i = 0; i < _world.Options.Budget.Liveness + 10; i++)
        {
            _watcher.Beat(HeartbeatFlags.Active);
        }

        // On the watcher's shard, behind more liveness than a turn takes.
        ulong neighbour = Enumerable.Range(1_000, 1_000).Select(id => (ulong)id).First(id => _world.ShardOf(id) == _world.ShardOf(2));
        FakeConnection early = _world.Connect(neighbour);
        early.Watch(1, [User]);
        _world.Settle();
        Assert.Equal(Status.Online, Assert.Single(early.AnswerTo(1)!).Status);
    }

    [Fact]
    public void A_large_answer_comes_in_pages_and_is_whole()
    {
        using var world = new World(2, new ShardOptions { MaxFrameBytes = 1_024 });
        FakeConnection watcher = world.Connect(2);
        ulong[] ids = [.. Enumerable.Range(10, 500).Select(id => (ulong)id)];
        foreach (ulong id in ids[..50])
        {
            world.Connect(id).SetStatus(1, Status.Busy, new string('x', 128));
        }

        watcher.Watch(1, ids);
        Assert.Equal(ids, watcher.AnswerTo(1)!.Select(entry => entry.UserId));
        Assert.True(watcher.Frames.Count(frame => frame.PresenceBatch is { Snapshot: true, More: true }) > 5);
    }
}
