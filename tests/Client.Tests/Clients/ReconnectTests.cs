using Presence.Client.Tests.Fakes;
using Presence.V1;
using Xunit;

namespace Presence.Client.Tests.Clients;

public sealed class ReconnectTests
{
    [Fact]
    public async Task A_lost_connection_resumes_and_watches_again_with_versions()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.WatchingAsync(2, 3);
        peer.Dispose();
        ConnectionStateChange waiting = await scene.WaitOutAsync();
        Assert.InRange(waiting.RetryAfter!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(0.5));
        Assert.True(scene.Client.CurrentView(2)!.IsStale);

        Welcome resumed = Scene.AWelcome;
        resumed.Resumed = true;
        (peer, Hello hello) = await scene.AcceptAsync();
        Assert.Equal(("", "resume-1"), (hello.Token, hello.ResumeToken.ToStringUtf8()));
        await scene.SendAsync(peer, new ServerFrame { Welcome = resumed });
        Assert.True((await scene.StateAsync(ConnectionState.Connected)).Resumed);

        Task again = scene.Client.WatchAsync([2], scene.Deadline);
        Watch watch = await scene.AnswerWatchAsync(peer, [Scene.Entry(3, 12, Status.Offline)]);
        Assert.Equal([2ul, 3ul], watch.UserIds.Order());
        Assert.Equal([10ul, 10ul], watch.Versions);
        await scene.AnswerWatchAsync(peer, []);
        await again;
        PresenceChange change = await scene.ChangeAsync();
        Assert.Equal((3ul, Status.Offline), (change.UserId, change.Current.Status));
        Assert.True(scene.Client.CurrentView(2) is { IsStale: false, Status: Status.Online });
    }

    [Fact]
    public async Task A_slot_is_kept_to_the_millisecond()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.ConnectedAsync();
        await scene.GoAwayAsync(peer, CloseCode.Draining, reconnectAfterMs: 47_311);
        // Leave now.
        Assert.Null(await peer.ReadAsync(scene.Deadline));
        ConnectionStateChange waiting = await scene.WaitOutAsync();
        Assert.Equal((CloseCode.Draining, TimeSpan.FromMilliseconds(47_311)), (waiting.CloseCode, waiting.RetryAfter));
        await scene.WelcomeAsync();
    }

    [Fact]
    public async Task A_handshake_that_is_refused_with_a_slot_keeps_it()
    {
        await using Scene scene = new();
        _ = scene.Client.ConnectAsync(scene.Deadline);
        (FakePeer peer, _) = await scene.AcceptAsync();
        Error full = new() { Code = ErrorCode.Overloaded, Message = "full", ReconnectAfterMs = 9_000 };
        await scene.SendAsync(peer, new ServerFrame { Error = full });
        await scene.GoAwayAsync(peer, CloseCode.Overloaded);
        ConnectionStateChange waiting = await scene.WaitOutAsync();
        Assert.Equal(TimeSpan.FromSeconds(9), waiting.RetryAfter);
        Assert.Contains("full", waiting.Reason, StringComparison.Ordinal);
        await scene.WelcomeAsync();
    }

    [Theory]
    [InlineData(CloseCode.Revoked)]
    [InlineData(CloseCode.Kicked)]
    [InlineData(CloseCode.Replaced)]
    [InlineData(CloseCode.Malformed)]
    [InlineData(CloseCode.UnsupportedVersion)]
    [InlineData(CloseCode.Refused)]
    [InlineData((CloseCode)4999)]
    public async Task A_stop_code_closes_the_client_for_good(CloseCode code)
    {
        await using Scene scene = new();
        FakePeer peer = await scene.ConnectedAsync();
        await scene.GoAwayAsync(peer, code);
        Assert.Equal(code, (await scene.StateAsync(ConnectionState.Closed)).CloseCode);
        Task<ulong> set = scene.Client.SetStatusAsync(Status.Busy, "", scene.Deadline);
        Assert.Equal(code, (await Assert.ThrowsAsync<PresenceClosedException>(() => set)).CloseCode);
        await Assert.ThrowsAsync<PresenceClosedException>(() => scene.Client.QueryAsync([2], scene.Deadline));
        await Assert.ThrowsAsync<PresenceClosedException>(() => scene.Client.WatchAsync([2], scene.Deadline));
    }

    [Fact]
    public async Task A_closed_client_may_be_started_again()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.ConnectedAsync();
        await scene.GoAwayAsync(peer, CloseCode.Kicked);
        await scene.StateAsync(ConnectionState.Closed);
        Task connect = scene.Client.ConnectAsync(scene.Deadline);
        (_, Hello hello) = await scene.WelcomeAsync();
        await connect;
        Assert.Equal(("token-2", true), (hello.Token, hello.ResumeToken.IsEmpty));
    }

    [Fact]
    public async Task A_close_frame_counts_when_no_go_away_came()
    {
        await using Scene scene = new(FakeTransport.WebSocket);
        FakePeer peer = await scene.ConnectedAsync();
        await peer.CloseWebSocketAsync(CloseCode.Kicked, scene.Deadline);
        Assert.Equal(CloseCode.Kicked, (await scene.StateAsync(ConnectionState.Closed)).CloseCode);
    }

    [Fact]
    public async Task Replaced_on_an_older_connection_is_ignored()
    {
        await using Scene scene = new();
        FakePeer old = await scene.ConnectedAsync();
        scene.Clock.Advance(TimeSpan.FromSeconds(12));
        await old.ReadAsync(ClientFrame.FrameOneofCase.Heartbeat, scene.Deadline);
        scene.Clock.Advance(TimeSpan.FromSeconds(10));
        await scene.WaitOutAsync();
        (FakePeer newest, _) = await scene.WelcomeAsync();
        await scene.GoAwayAsync(old, CloseCode.Replaced);

        Task<IReadOnlyList<PresenceView>> query = scene.Client.QueryAsync([2], scene.Deadline);
        ulong requestId = (await newest.ReadAsync(ClientFrame.FrameOneofCase.Query, scene.Deadline)).Query.RequestId;
        await scene.SendAsync(newest, Scene.Batch([Scene.Entry(2, 1, Status.Online)], requestId));
        await query;
        Assert.Equal(ConnectionState.Connected, scene.Client.State);
    }
}
