using Presence.Client.Tests.Fakes;
using Presence.V1;
using Xunit;

namespace Presence.Client.Tests.Clients;

public sealed class WatchTests
{
    [Fact]
    public async Task A_long_list_is_asked_for_in_parts_of_a_thousand()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.ConnectedAsync();
        ulong[] ids = [.. Enumerable.Range(1, 2_500).Select(id => (ulong)id)];
        Task watch = scene.Client.WatchAsync(ids, scene.Deadline);
        List<ulong> asked = [];
        foreach (int part in new[] { 1_000, 1_000, 500 })
        {
            Watch sent = await scene.AnswerWatchAsync(peer, []);
            Assert.Equal((part, 0), (sent.UserIds.Count, sent.Versions.Count));
            asked.AddRange(sent.UserIds);
        }
        await watch;
        Assert.Equal(ids, asked.Order());
    }

    [Fact]
    public async Task Users_watched_while_disconnected_are_asked_for_on_connect()
    {
        await using Scene scene = new();
        Task watch = scene.Client.WatchAsync([2], scene.Deadline);
        Assert.Null(scene.Client.CurrentView(2));
        FakePeer peer = await scene.ConnectedAsync();
        await scene.AnswerWatchAsync(peer, [Scene.Entry(2, 5, Status.Online)]);
        await watch;
        Assert.True(scene.Client.CurrentView(2) is { Version: 5, IsStale: false });
    }

    [Fact]
    public async Task An_update_that_overtakes_its_snapshot_wins()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.ConnectedAsync();
        Task watch = scene.Client.WatchAsync([2], scene.Deadline);
        Watch sent = (await peer.ReadAsync(ClientFrame.FrameOneofCase.Watch, scene.Deadline)).Watch;
        await scene.SendAsync(peer, Scene.Update(Scene.Entry(2, 9, Status.Busy)));
        await scene.SendAsync(peer, Scene.Batch([Scene.Entry(2, 8, Status.Online)], sent.RequestId));
        await watch;
        Assert.True(scene.Client.CurrentView(2) is { Version: 9, Status: Status.Busy });
    }

    [Fact]
    public async Task Watch_returns_with_the_last_page()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.ConnectedAsync();
        Task watch = scene.Client.WatchAsync([2, 3], scene.Deadline);
        Watch sent = (await peer.ReadAsync(ClientFrame.FrameOneofCase.Watch, scene.Deadline)).Watch;
        await scene.SendAsync(peer, Scene.Batch([Scene.Entry(2, 1, Status.Online)], sent.RequestId, more: true));
        await scene.ChangeAsync();
        Assert.False(watch.IsCompleted);
        await scene.SendAsync(peer, Scene.Batch([Scene.Entry(3, 1, Status.Online)], sent.RequestId));
        await watch;
        Assert.NotNull(scene.Client.CurrentView(3));
    }

    [Fact]
    public async Task Over_the_servers_limit_nothing_is_asked()
    {
        Welcome few = Scene.AWelcome;
        few.Limits.Watches = 2;
        await using Scene scene = new();
        FakePeer peer = await scene.ConnectedAsync(few);
        PresenceException e = await Assert.ThrowsAsync<PresenceException>(() => scene.Client.WatchAsync([2, 3, 4], scene.Deadline));
        Assert.Equal((ErrorCode.Limit, "watches", 2ul), (e.Code, e.Which, e.Allowed));
        Task watch = scene.Client.WatchAsync([2, 3], scene.Deadline);
        await scene.AnswerWatchAsync(peer, []);
        await watch;
    }

    [Fact]
    public async Task A_refused_watch_is_given_back()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.ConnectedAsync();
        Task watch = scene.Client.WatchAsync([2], scene.Deadline);
        Watch sent = (await peer.ReadAsync(ClientFrame.FrameOneofCase.Watch, scene.Deadline)).Watch;
        await scene.SendAsync(peer, Scene.Refusal(sent.RequestId, ErrorCode.Limit, "watches"));
        await AnswerUnwatchAsync(scene, peer, 2);
        await Assert.ThrowsAsync<PresenceException>(() => watch);
        await scene.SendAsync(peer, Scene.Update(Scene.Entry(2, 9, Status.Busy)));
        Task query = scene.Client.QueryAsync([2], scene.Deadline);
        await AnswerQueryAsync(scene, peer, []);
        await query;
        Assert.Null(scene.Client.CurrentView(2));
    }

    [Fact]
    public async Task An_unwatched_user_is_no_longer_told()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.WatchingAsync(2, 3);
        Task unwatch = scene.Client.UnwatchAsync([2], scene.Deadline);
        await AnswerUnwatchAsync(scene, peer, 2);
        await unwatch;
        await scene.SendAsync(peer, Scene.Update(Scene.Entry(2, 11, Status.Busy), Scene.Entry(3, 11, Status.Busy)));
        Assert.Equal(3ul, (await scene.ChangeAsync()).UserId);
        Assert.Null(scene.Client.CurrentView(2));
    }

    [Fact]
    public async Task A_watch_in_flight_when_the_connection_is_lost_is_answered_on_the_next()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.ConnectedAsync();
        Task watch = scene.Client.WatchAsync([2], scene.Deadline);
        await peer.ReadAsync(ClientFrame.FrameOneofCase.Watch, scene.Deadline);
        peer.Dispose();
        await scene.WaitOutAsync();
        (peer, _) = await scene.WelcomeAsync();
        await scene.AnswerWatchAsync(peer, [Scene.Entry(2, 5, Status.Online)]);
        await watch;
        Assert.Equal(5ul, scene.Client.CurrentView(2)!.Version);
    }

    [Fact]
    public async Task A_server_that_cannot_answer_now_is_asked_again()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.WatchingAsync(2);
        peer.Dispose();
        await scene.WaitOutAsync();
        (peer, _) = await scene.WelcomeAsync();
        Watch sent = (await peer.ReadAsync(ClientFrame.FrameOneofCase.Watch, scene.Deadline)).Watch;
        ServerFrame notNow = Scene.Refusal(sent.RequestId, ErrorCode.Unavailable);
        notNow.Error.ReconnectAfterMs = 7_777;
        await scene.SendAsync(peer, notNow);
        await scene.Clock.BegunAsync(TimeSpan.FromMilliseconds(7_777), scene.Deadline);
        scene.Clock.Advance(TimeSpan.FromMilliseconds(7_777));
        Watch again = await scene.AnswerWatchAsync(peer, [Scene.Entry(2, 11, Status.Away)]);
        Assert.Equal([10ul], again.Versions);
        Assert.Equal(Status.Away, (await scene.ChangeAsync()).Current.Status);
    }

    [Fact]
    public async Task Reset_and_unknown_are_honoured_over_a_reconnect()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.WatchingAsync(2, 3);
        peer.Dispose();
        await scene.WaitOutAsync();
        (peer, _) = await scene.WelcomeAsync();
        PresenceEntry reset = Scene.Entry(2, 4, Status.Away);
        reset.Reset = true;
        await scene.AnswerWatchAsync(peer, [reset, Scene.Entry(3, 0, Status.Unknown)]);
        await scene.ChangeAsync();
        await scene.ChangeAsync();
        Assert.True(scene.Client.CurrentView(2) is { Version: 4, Status: Status.Away });
        Assert.True(scene.Client.CurrentView(3) is { Version: 10, Status: Status.Online, IsStale: true });

        peer.Dispose();
        await scene.WaitOutAsync();
        (peer, _) = await scene.WelcomeAsync();
        Watch watch = await scene.AnswerWatchAsync(peer, [Scene.Entry(3, 10, Status.Online)]);
        Assert.Equal([4ul, 0ul], watch.Versions);
        PresenceChange change = await scene.ChangeAsync();
        Assert.Equal((3ul, true, false), (change.UserId, change.Previous!.IsStale, change.Current.IsStale));
    }

    [Fact]
    public async Task Changes_begin_with_what_is_known_and_skip_what_a_slow_consumer_missed()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.WatchingAsync(2);
        await using IAsyncEnumerator<PresenceChange> changes = scene.Client.Changes(scene.Deadline).GetAsyncEnumerator(scene.Deadline);
        Assert.True(await changes.MoveNextAsync());
        Assert.True(changes.Current is { Previous: null, Current.Version: 10 });
        for (ulong version = 11; version <= 40; version++)
        {
            await scene.SendAsync(peer, Scene.Update(Scene.Entry(2, version, version % 2 == 0 ? Status.Online : Status.Busy)));
            await scene.ChangeAsync();
        }
        Assert.True(await changes.MoveNextAsync());
        Assert.Equal((10ul, 40ul), (changes.Current.Previous!.Version, changes.Current.Current.Version));
        await scene.Client.DisconnectAsync();
        await scene.Client.DisposeAsync();
        Assert.False(await changes.MoveNextAsync());
    }

    [Fact]
    public async Task A_query_waits_for_a_connection_and_collects_all_pages()
    {
        await using Scene scene = new();
        Task<IReadOnlyList<PresenceView>> query = scene.Client.QueryAsync([2, 3], scene.Deadline);
        FakePeer peer = await scene.ConnectedAsync();
        await peer.ReadAsync(ClientFrame.FrameOneofCase.Query, scene.Deadline);
        peer.Dispose();
        await scene.WaitOutAsync();
        (peer, _) = await scene.WelcomeAsync();
        Query sent = (await peer.ReadAsync(ClientFrame.FrameOneofCase.Query, scene.Deadline)).Query;
        await scene.SendAsync(peer, Scene.Batch([Scene.Entry(2, 5, Status.Online)], sent.RequestId, more: true));
        await scene.SendAsync(peer, Scene.Batch([Scene.Entry(3, 0, Status.Offline)], sent.RequestId));
        Assert.Equal([(2ul, Status.Online), (3ul, Status.Offline)], (await query).Select(view => (view.UserId, view.Status)));
        Assert.Null(scene.Client.CurrentView(2));
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(1ul << 63)]
    public async Task An_id_that_nobody_has_is_refused_at_once(ulong id)
    {
        await using Scene scene = new();
        await Assert.ThrowsAsync<ArgumentException>(() => scene.Client.WatchAsync([id], scene.Deadline));
        await Assert.ThrowsAsync<ArgumentException>(() => scene.Client.QueryAsync([id], scene.Deadline));
    }

    private static async Task AnswerUnwatchAsync(Scene scene, FakePeer peer, ulong userId)
    {
        Unwatch unwatch = (await peer.ReadAsync(ClientFrame.FrameOneofCase.Unwatch, scene.Deadline)).Unwatch;
        Assert.Equal([userId], unwatch.UserIds);
        await scene.SendAsync(peer, Scene.Ack(unwatch.RequestId));
    }

    private static async Task AnswerQueryAsync(Scene scene, FakePeer peer, IEnumerable<PresenceEntry> entries)
    {
        Query query = (await peer.ReadAsync(ClientFrame.FrameOneofCase.Query, scene.Deadline)).Query;
        await scene.SendAsync(peer, Scene.Batch(entries, query.RequestId));
    }
}
