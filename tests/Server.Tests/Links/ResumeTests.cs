using Presence.Protocol;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Links;

/// <summary>Links that are lost, come back, are replaced or leave; and what of it is seen.</summary>
public class ResumeTests
{
    public static TheoryData<int> Shards => [1, 2];

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_link_that_is_back_within_the_hold_was_never_gone(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2, 3);
        RawGateway gateway = await scene.OpenAsync();
        await gateway.UpAsync(2, 3);
        ulong last = await gateway.CompleteAsync();
        PresenceEntry two = await watcher.HasAsync(2, Status.Online);
        PresenceEntry three = await watcher.HasAsync(3, Status.Online);
        gateway.Client.Reset();
        RawGateway back = await scene.OpenAsync();
        Assert.True(back.Welcome.Resumed);
        Assert.Equal(last, back.Welcome.LastSeq);
        // What was sent before the loss is sent again: a down that has been taken must not be taken twice.
        await back.SendAsync(SessionsVerb.Down, last - 1, [2, 3]);
        await back.AckedAsync(last);
        back.KeepUp(LinkScene.BeatEvery, 2, 3);
        await Task.Delay(Scene.SilentAfter + Scene.Hold);
        await watcher.SyncAsync();
        Assert.Equal((two, three), (watcher.Latest(2), watcher.Latest(3)));
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_killed_gateway_is_offline_after_the_hold_and_not_before(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2, 3);
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(scene.Server, "g");
        await gateway.SendAsync(SessionsVerb.Up, 2, 3);
        await gateway.CompleteAsync();
        await watcher.HasAsync(2, Status.Online);
        await watcher.HasAsync(3, Status.Online);
        await gateway.SendHalfAsync();
        gateway.Die();
        foreach (ulong user in new ulong[] { 2, 3 })
        {
            PresenceEntry gone = await watcher.HasAsync(user, Status.Offline);
            Assert.True(LinkScene.Elapsed(gone) >= Scene.Hold, $"Offline {LinkScene.Elapsed(gone)} after its last beat; the hold is {Scene.Hold}.");
        }
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_stopped_gateway_is_silent(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2);
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(scene.Server, "g");
        await gateway.SendAsync(SessionsVerb.Up, 2);
        await gateway.CompleteAsync();
        await watcher.HasAsync(2, Status.Online);
        gateway.Freeze();
        PresenceEntry gone = await watcher.HasAsync(2, Status.Offline);
        Assert.True(LinkScene.Elapsed(gone) >= Scene.SilentAfter, $"Offline after a silence of {LinkScene.Elapsed(gone)}.");
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task Half_a_frame_and_a_reset_are_a_lost_link(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2);
        RawGateway gateway = await scene.OpenAsync();
        await gateway.UpAsync(2);
        await gateway.CompleteAsync();
        PresenceEntry online = await watcher.HasAsync(2, Status.Online);
        await gateway.Client.SendBytesAsync([0x20, 0x5A, 0x1E, 0x08]);
        gateway.Client.Reset();
        RawGateway back = await scene.OpenAsync();
        Assert.Equal((true, 2UL), (back.Welcome.Resumed, back.Welcome.LastSeq));
        await back.AckedAsync(await back.BeatAsync(2));
        Assert.Equal(online, watcher.Latest(2));
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task Goodbye_takes_the_whole_set_down_at_once(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2, 3);
        RawGateway gateway = await scene.OpenAsync();
        await gateway.UpAsync(2, 3);
        await watcher.HasAsync(2, Status.Online);
        await watcher.HasAsync(3, Status.Online);
        await gateway.GoodbyeAsync();
        PresenceEntry gone = await watcher.HasAsync(2, Status.Offline);
        Assert.True(LinkScene.Elapsed(gone) < Scene.Hold, "A goodbye waits for no hold.");
        await watcher.HasAsync(3, Status.Offline);
        Assert.False((await scene.OpenAsync()).Welcome.Resumed);
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task Back_at_once_after_a_goodbye_only_who_is_named_again_is_up(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        ulong[] crowd = [.. Enumerable.Range(10, 50_000).Select(i => (ulong)i)];
        Watcher watcher = await scene.WatchAsync(crowd[0], crowd[^1], 2);
        RawGateway gateway = await scene.OpenAsync();
        await gateway.UpAsync([2, .. crowd[..^1]]);
        await gateway.UpAsync(crowd[^1]);
        await gateway.CompleteAsync();
        await watcher.HasAsync(crowd[^1], Status.Online);
        await gateway.GoodbyeAsync();
        // While most of the set still has to be taken down; and never complete.
        RawGateway back = await scene.OpenAsync();
        Assert.False(back.Welcome.Resumed);
        await back.UpAsync(2);
        await watcher.HasAsync(crowd[0], Status.Offline);
        await watcher.HasAsync(crowd[^1], Status.Offline);
        await watcher.HasAsync(2, Status.Online);
    }

    [Fact]
    public async Task Whoever_begins_again_to_name_the_set_is_told_what_is_left_of_the_time()
    {
        await using Scene scene = await Scene.StartAsync(1);
        uint first = (await scene.OpenAsync()).Welcome.CompleteWithinMs;
        RawGateway second = await scene.OpenAsync(change: hello => hello.StartsAnew = true);
        // What the server did not read of the link meanwhile does not count.
        Assert.InRange(second.Welcome.CompleteWithinMs, 1u, first + 30_000);
        await second.AckedAsync(await second.CompleteAsync());
        Assert.Equal(first, (await scene.OpenAsync(change: hello => hello.StartsAnew = true)).Welcome.CompleteWithinMs);
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task The_newest_of_two_links_speaks_and_the_older_is_told(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2, 3);
        RawGateway older = await scene.OpenAsync();
        await older.AckedAsync(await older.UpAsync(2));
        PresenceEntry online = await watcher.HasAsync(2, Status.Online);
        RawGateway newer = await scene.OpenAsync();
        Assert.Equal((true, 1UL), (newer.Welcome.Resumed, newer.Welcome.LastSeq));
        Assert.Equal(CloseCode.Replaced, (await older.Client.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
        // What the older says now is not heard.
        await older.SendAsync(SessionsVerb.Down, 2, [2]);
        await newer.AckedAsync(await newer.UpAsync(3));
        await newer.CompleteAsync();
        newer.KeepUp(LinkScene.BeatEvery, 2, 3);
        await older.DisposeAsync();
        await Task.Delay(Scene.SilentAfter + Scene.Hold);
        await watcher.SyncAsync();
        Assert.Equal(online, watcher.Latest(2));
        Assert.Equal(Status.Online, watcher.Latest(3).Status);
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_gateway_that_restarts_names_its_set_and_only_who_is_not_named_goes(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync([.. Users(100)]);
        RawGateway gateway = await scene.OpenAsync();
        await gateway.UpAsync([.. Users(100)]);
        await gateway.CompleteAsync();
        foreach (ulong user in Users(100))
        {
            await watcher.HasAsync(user, Status.Online);
        }

        PresenceEntry[] before = [.. Users(99).Select(watcher.Latest)];
        gateway.Client.Reset();
        RawGateway restarted = await scene.OpenAsync(change: hello => hello.StartsAnew = true);
        Assert.Equal((false, 0UL), (restarted.Welcome.Resumed, restarted.Welcome.LastSeq));
        // Nobody goes before the set is complete, however long that takes; the link itself must not be silent.
        restarted.KeepUp(LinkScene.BeatEvery);
        await Task.Delay(Scene.SilentAfter + Scene.Hold);
        await restarted.UpAsync([.. Users(40)]);
        await restarted.BeatAsync([.. Users(99)]);
        restarted.KeepUp(LinkScene.BeatEvery, [.. Users(99)]);
        await watcher.SyncAsync();
        Assert.Equal(Status.Online, watcher.Latest(101).Status);
        await restarted.CompleteAsync();
        await watcher.HasAsync(101, Status.Offline);
        await watcher.SyncAsync();
        Assert.Equal(before, Users(99).Select(watcher.Latest));
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_link_that_is_back_after_the_hold_cannot_resume(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2);
        RawGateway gateway = await scene.OpenAsync();
        await gateway.UpAsync(2);
        await gateway.CompleteAsync();
        await watcher.HasAsync(2, Status.Online);
        gateway.Client.Reset();
        await watcher.HasAsync(2, Status.Offline);
        RawGateway late = await scene.OpenAsync();
        Assert.Equal((false, 0UL), (late.Welcome.Resumed, late.Welcome.LastSeq));
        await late.BeatAsync(2);
        await watcher.HasAsync(2, Status.Online);
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_server_that_restarts_shows_no_change_of_who_comes_back_by_its_gateway(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        RawGateway gateway = await scene.OpenAsync();
        await gateway.UpAsync(Status.Busy, 2);
        await gateway.UpAsync(Status.Online, 3, 4);
        await gateway.CompleteAsync();
        Watcher before = await scene.WatchAsync(2, 3, 4);
        PresenceEntry two = await before.HasAsync(2, Status.Busy);
        PresenceEntry three = await before.HasAsync(3, Status.Online);
        await before.HasAsync(4, Status.Online);
        Assert.Equal(0, await scene.RestartAsync(shards));
        Watcher watcher = await scene.WatchAsync(2, 3, 4);
        RawGateway back = await scene.OpenAsync();
        Assert.False(back.Welcome.Resumed);
        await back.UpAsync(Status.Busy, 2);
        await back.UpAsync(Status.Online, 3);
        back.KeepUp(LinkScene.BeatEvery, 2, 3);
        await back.CompleteAsync();
        // Who was not named goes as all who do not come back after a restart.
        await watcher.HasAsync(4, Status.Offline);
        await Task.Delay(Scene.SilentAfter + Scene.Hold);
        await watcher.SyncAsync();
        Assert.Equal((two.Version, two.Status), (watcher.Latest(2).Version, watcher.Latest(2).Status));
        Assert.Equal((three.Version, three.Status), (watcher.Latest(3).Version, watcher.Latest(3).Status));
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_gateway_that_says_Goodbye_over_what_it_has_not_read_is_gone_with_its_set(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards, "Presence:Transport=epoll", "Presence:Session:Hold=00:05:00");
        ulong[] set = [.. Users(100)];
        Watcher watcher = await scene.WatchAsync(set);
        RawGateway busy = await scene.OpenAsync("busy");
        Status[] turns = [Status.Busy, Status.Online];
        ulong[] others = [.. Users(50_000).Select(static user => user + 100_000)];
        for (int i = 0; i < 5; i++)
        {
            RawGateway leaver = await scene.OpenAsync("leaver");
            await leaver.UpAsync(turns[i % 2], set);
            await leaver.Client.SendAsync(new ClientFrame { WatchAll = new WatchAll { RequestId = 9 } });
            await leaver.Client.ReceiveAsync(ServerFrame.FrameOneofCase.Ack);
            // It is told of all these while it leaves, and closes over them: a reset.
            Task telling = TellAsync(busy, turns, others);
            await leaver.Client.ReceiveBatchAsync(static batch => batch.Entries.Any(static entry => entry.UserId > 100_000));
            await leaver.Client.SendAsync(new ClientFrame { Goodbye = new Goodbye() });
            await leaver.Client.DisposeAsync();
            await telling;
            foreach (ulong user in set)
            {
                await watcher.HasAsync(user, Status.Offline);
            }
        }
    }

    private static async Task TellAsync(RawGateway gateway, Status[] turns, ulong[] users)
    {
        for (int i = 0; i < 10; i++)
        {
            await gateway.UpAsync(turns[i % turns.Length], users);
        }
    }

    private static IEnumerable<ulong> Users(int count) => Enumerable.Range(2, count).Select(i => (ulong)i);
}
