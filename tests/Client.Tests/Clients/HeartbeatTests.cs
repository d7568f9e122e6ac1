using Presence.Client.Tests.Fakes;
using Presence.V1;
using Xunit;

namespace Presence.Client.Tests.Clients;

public sealed class HeartbeatTests
{
    private const uint Active = 1;
    private const uint WantAck = 2;

    [Fact]
    public async Task The_first_heartbeat_comes_when_the_server_said_and_the_next_within_d()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.WatchingAsync(2);
        scene.Clock.Advance(TimeSpan.FromSeconds(12));
        Assert.Equal(WantAck, await BeatAsync(scene, peer));
        await AckAsync(scene, peer, 30_000);
        scene.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(WantAck, await BeatAsync(scene, peer));
    }

    [Fact]
    public async Task A_missing_ack_drops_the_connection()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.ConnectedAsync();
        scene.Clock.Advance(TimeSpan.FromSeconds(12));
        await BeatAsync(scene, peer);
        scene.Clock.Advance(TimeSpan.FromSeconds(10));
        ConnectionStateChange waiting = await scene.WaitOutAsync();
        Assert.Contains("not acknowledged", waiting.Reason, StringComparison.Ordinal);
        Assert.Null(await peer.ReadAsync(scene.Deadline));
        await scene.WelcomeAsync();
    }

    [Fact]
    public async Task A_shorter_interval_is_obeyed_at_once()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.WatchingAsync(2);
        scene.Clock.Advance(TimeSpan.FromSeconds(12));
        await BeatAsync(scene, peer);
        await AckAsync(scene, peer, 2_000);
        scene.Clock.Advance(TimeSpan.FromSeconds(2));
        await BeatAsync(scene, peer);
    }

    [Fact]
    public async Task Activity_is_told_once()
    {
        await using Scene scene = new(with: options => options with { HeartbeatAcks = false });
        FakePeer peer = await scene.ConnectedAsync();
        scene.Client.ReportActivity();
        scene.Clock.Advance(TimeSpan.FromSeconds(12));
        Assert.Equal(Active, await BeatAsync(scene, peer));
        scene.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(0u, await BeatAsync(scene, peer));
    }

    [Fact]
    public async Task A_request_takes_the_place_of_a_heartbeat()
    {
        await using Scene scene = new(with: options => options with { HeartbeatAcks = false });
        FakePeer peer = await scene.ConnectedAsync();
        scene.Clock.Advance(TimeSpan.FromSeconds(12));
        await BeatAsync(scene, peer);
        for (int i = 0; i < 5; i++)
        {
            scene.Clock.Advance(TimeSpan.FromSeconds(23));
            Task<ulong> set = scene.Client.SetStatusAsync(Status.Busy, "", scene.Deadline);
            SetStatus sent = (await peer.ReadAsync(ClientFrame.FrameOneofCase.SetStatus, scene.Deadline)).SetStatus;
            await scene.SendAsync(peer, Scene.Ack(sent.RequestId, 5));
            await set;
        }
    }

    private static async Task<uint> BeatAsync(Scene scene, FakePeer peer) =>
        (await peer.ReadAsync(ClientFrame.FrameOneofCase.Heartbeat, scene.Deadline)).Heartbeat;

    /// <summary>Returns when the client has taken the ack in: it has when it has what was sent after it.</summary>
    private static async Task AckAsync(Scene scene, FakePeer peer, uint interval)
    {
        await scene.SendAsync(peer, Scene.HeartbeatAck(interval));
        await scene.SendAsync(peer, Scene.Update(Scene.Entry(2, 11, Status.Away)));
        await scene.ChangeAsync();
    }
}
