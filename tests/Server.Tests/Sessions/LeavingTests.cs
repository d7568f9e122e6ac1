using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Sessions;

/// <summary>
/// When a user is seen to go (P3, P4) and as of when (P5). A version carries the server's time of the transition in its upper 48 bits, so "not before" is
/// read off the server's own clock and not off this machine's speed.
/// </summary>
public class LeavingTests
{
    public static TheoryData<int> Shards => [1, 4];

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task Goodbye_is_seen_at_once(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2);
        RawClient friend = await scene.ConnectAsync(2);
        await watcher.OnlineAsync(2);
        await friend.SendAsync(new ClientFrame { Goodbye = new Goodbye() });
        PresenceEntry gone = await watcher.OfflineAsync(2);
        Assert.True(Elapsed(gone) < Scene.Hold, "A goodbye waits for no hold.");
        Assert.Null(await friend.TryReceiveAsync());
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_killed_client_is_offline_after_the_hold_and_not_before(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2);
        RawClient friend = await scene.ConnectAsync(2);
        await watcher.OnlineAsync(2);
        long before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await friend.RoundTripAsync();
        long after = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        friend.Reset();
        PresenceEntry gone = await watcher.OfflineAsync(2);
        Assert.True(Elapsed(gone) >= Scene.Hold, $"Offline {Elapsed(gone)} after its last frame; the hold is {Scene.Hold}.");
        // Two clocks, each cut to the millisecond.
        Assert.InRange((long)gone.LastActiveMs, before - 1, after + 1);
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_closed_connection_without_goodbye_is_held_too(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2);
        RawClient friend = await scene.ConnectAsync(2);
        await watcher.OnlineAsync(2);
        await friend.DisposeAsync();
        Assert.True(Elapsed(await watcher.OfflineAsync(2)) >= Scene.Hold);
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_silent_client_is_offline_after_d_and_twice_the_tolerance_and_not_before(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2);
        RawClient friend = await scene.ConnectAsync(2);
        await watcher.OnlineAsync(2);
        await friend.RoundTripAsync();
        PresenceEntry gone = await watcher.OfflineAsync(2);
        Assert.True(Elapsed(gone) >= Scene.SilentAfter, $"Offline after a silence of {Elapsed(gone)}; {Scene.SilentAfter} are allowed.");
        Assert.Equal(CloseCode.HeartbeatTimeout, (await friend.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_late_heartbeat_is_no_transition(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2);
        RawClient friend = await scene.ConnectAsync(2);
        PresenceEntry online = await watcher.OnlineAsync(2);
        for (int i = 0; i < 3; i++)
        {
            // Later than promised, sooner than d + 2δ.
            await Task.Delay(Scene.Interval + Scene.Tolerance);
            await friend.RoundTripAsync();
        }

        await watcher.SyncAsync();
        Assert.Equal(online, watcher.Latest(2));
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_device_that_is_back_within_the_hold_was_never_gone(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2);
        RawClient friend = await scene.ConnectAsync(2);
        PresenceEntry online = await watcher.OnlineAsync(2);
        friend.Reset();
        RawClient back = await scene.ConnectAsync(2, change: hello => hello.ResumeToken = friend.Welcome!.ResumeToken);
        Assert.True(back.Welcome!.Resumed);
        Assert.True(back.Welcome.SessionId > friend.Welcome!.SessionId);
        await Scene.OutliveAsync(back);
        await watcher.SyncAsync();
        Assert.Equal(online, watcher.Latest(2));
    }

    [Fact]
    public async Task A_resume_token_stands_in_for_the_token()
    {
        await using Scene scene = await Scene.StartAsync();
        RawClient friend = await scene.ConnectAsync(2);
        friend.Reset();
        RawClient back = await RawClient.ConnectAsync(scene.Server.Tcp);
        scene.Keep(back);
        Welcome welcome = await back.HelloAsync("", change: hello => hello.ResumeToken = friend.Welcome!.ResumeToken);
        Assert.True(welcome.Resumed);
    }

    [Fact]
    public async Task A_resume_token_stands_in_for_an_expired_token_of_its_user_and_for_no_other()
    {
        await using Scene scene = await Scene.StartAsync();
        RawClient friend = await scene.ConnectAsync(2);
        friend.Reset();
        foreach (string refused in new[] { Expired(3), Expired(2)[..^4] + "AAAA" })
        {
            RawClient stranger = await RawClient.ConnectAsync(scene.Server.Tcp);
            scene.Keep(stranger);
            await stranger.SendAsync(new ClientFrame { Hello = Resuming(refused) });
            Assert.Equal(ErrorCode.Unauthenticated, (await stranger.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error.Code);
        }

        RawClient back = await RawClient.ConnectAsync(scene.Server.Tcp);
        scene.Keep(back);
        Assert.True((await back.HelloAsync(Expired(2), change: hello => hello.ResumeToken = friend.Welcome!.ResumeToken)).Resumed);

        string Expired(ulong user) => TestTokens.Expired(scene.Server, user);
        Hello Resuming(string token) => new() { ProtocolVersion = 1, Token = token, DeviceId = "phone", ResumeToken = friend.Welcome!.ResumeToken };
    }

    [Fact]
    public async Task A_resume_token_that_stands_alone_and_is_of_no_use_comes_back_with_a_token()
    {
        await using Scene scene = await Scene.StartAsync();
        RawClient friend = await scene.ConnectAsync(2, tokenLifetime: TimeSpan.FromSeconds(2));
        Assert.Contains("another device's", await RefusedAsync("tablet"), StringComparison.Ordinal);
        await friend.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway);
        Assert.Contains("resume token has expired", await RefusedAsync("phone"), StringComparison.Ordinal);

        async Task<string> RefusedAsync(string device)
        {
            RawClient back = await RawClient.ConnectAsync(scene.Server.Tcp);
            scene.Keep(back);
            await back.SendAsync(new ClientFrame { Hello = new() { ProtocolVersion = 1, DeviceId = device, ResumeToken = friend.Welcome!.ResumeToken } });
            Error error = (await back.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;
            Assert.Equal(ErrorCode.Unauthenticated, error.Code);
            Assert.Equal(CloseCode.TokenExpired, (await back.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
            return error.Message;
        }
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_token_that_ends_and_is_renewed_within_the_hold_is_no_transition(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2);
        RawClient friend = await scene.ConnectAsync(2, tokenLifetime: TimeSpan.FromSeconds(2));
        PresenceEntry online = await watcher.OnlineAsync(2);
        Assert.InRange((await friend.ReceiveAsync(ServerFrame.FrameOneofCase.TokenExpiring)).TokenExpiring.InMs, 0u, 2_000u);
        Assert.Equal(CloseCode.TokenExpired, (await friend.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
        RawClient back = await scene.ConnectAsync(2);
        Assert.True(back.Welcome!.Resumed);
        await Scene.OutliveAsync(back);
        await watcher.SyncAsync();
        Assert.Equal(online, watcher.Latest(2));
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_token_renewed_in_place_keeps_the_session(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        RawClient friend = await scene.ConnectAsync(2, tokenLifetime: TimeSpan.FromSeconds(2));
        await friend.ReceiveAsync(ServerFrame.FrameOneofCase.TokenExpiring);
        await friend.SendAsync(new ClientFrame { RefreshToken = new RefreshToken { RequestId = 5, Token = TestTokens.For(scene.Server, 2) } });
        Assert.Equal(5UL, (await friend.ReceiveAsync(ServerFrame.FrameOneofCase.Ack)).Ack.RequestId);
        await Scene.OutliveAsync(friend);
    }

    // From the last sign of life to the transition, by the server's clock.
    private static TimeSpan Elapsed(PresenceEntry entry) => TimeSpan.FromMilliseconds((long)(entry.Version >> 16) - (long)entry.LastActiveMs);
}
