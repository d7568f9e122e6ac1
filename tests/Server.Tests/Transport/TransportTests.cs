using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Transport;

/// <summary>The same session on every transport.</summary>
public class TransportTests
{
    public static TheoryData<string> Doors => Transports.Doors;

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task A_session_runs_from_Hello_to_Goodbye(string door)
    {
        await using Scene scene = await Scene.StartAsync(2, "Presence:Listen:Tls=127.0.0.1:0");
        Watcher watcher = await scene.WatchAsync(2);
        await using RawClient client = await Transports.ConnectAsync(scene, door);
        Welcome welcome = await client.HelloAsync(TestTokens.For(scene.Server, 2));
        Assert.False(welcome.Resumed);
        Assert.Equal((uint)Scene.Interval.TotalMilliseconds, welcome.HeartbeatIntervalMs);
        Assert.True(welcome.FirstHeartbeatAfterMs <= welcome.HeartbeatIntervalMs);
        Assert.Equal(1_000u, welcome.Limits.Watches);
        await watcher.OnlineAsync(2);
        Assert.Equal(3UL, (await client.WatchAsync(1, 3)).Entries.Single().UserId);
        RawClient friend = await scene.ConnectAsync(3);
        Assert.Equal(Status.Online, (await client.UpdateAsync(3)).Status);
        await client.SetStatusAsync(2, Status.Busy, "hello");
        Assert.Equal("hello", (await watcher.NextAsync(2, entry => entry.Status == Status.Busy)).StatusText);
        await client.RoundTripAsync();
        await client.SendAsync(new ClientFrame { Goodbye = new Goodbye() });
        await watcher.OfflineAsync(2);
        Assert.Null(await client.TryReceiveAsync());
        await friend.RoundTripAsync();
    }

    [Fact]
    public async Task Frames_that_come_byte_by_byte_are_understood()
    {
        await using Scene scene = await Scene.StartAsync();
        RawClient client = await scene.ConnectAsync(2);
        for (int i = 0; i < 3; i++)
        {
            foreach (byte one in Convert.FromHexString("020800" + "020802"))
            {
                await client.SendBytesAsync([one]);
            }

            await client.ReceiveAsync(ServerFrame.FrameOneofCase.HeartbeatAck);
        }
    }

    [Fact]
    public async Task A_client_on_TLS_that_does_not_read_for_a_while_gets_every_answer_whole()
    {
        await using Scene scene = await Scene.StartAsync(1, ["Presence:Listen:Tls=127.0.0.1:0", .. Unread.Settings]);
        RawClient client = await RawClient.ConnectTlsAsync(scene.Server.Tls, receiveBuffer: 4_096);
        scene.Keep(client);
        await client.HelloAsync(TestTokens.For(scene.Server, 2));
        await Unread.QueriesAsync(client);
        await client.RoundTripAsync();
    }

    [Theory]
    [InlineData("websocket")]
    [InlineData("lean")]
    public async Task A_text_message_on_a_WebSocket_is_malformed(string door)
    {
        await using Scene scene = await Scene.StartAsync();
        using var socket = new System.Net.WebSockets.ClientWebSocket();
        socket.Options.AddSubProtocol("presence.v1");
        await socket.ConnectAsync(AddressOf(scene, door), CancellationToken.None);
        await socket.SendAsync("{}"u8.ToArray(), System.Net.WebSockets.WebSocketMessageType.Text, true, CancellationToken.None);
        byte[] buffer = new byte[4_096];
        System.Net.WebSockets.WebSocketReceiveResult result;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        do
        {
            result = await socket.ReceiveAsync(buffer, patience.Token);
        }
        while (result.MessageType != System.Net.WebSockets.WebSocketMessageType.Close);
        Assert.Equal((int)CloseCode.Malformed, (int)socket.CloseStatus!.Value);
    }

    [Theory]
    [InlineData("websocket")]
    [InlineData("lean")]
    public async Task A_WebSocket_without_the_subprotocol_is_refused(string door)
    {
        await using Scene scene = await Scene.StartAsync();
        using var socket = new System.Net.WebSockets.ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(
            () => socket.ConnectAsync(AddressOf(scene, door), CancellationToken.None));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, socket.HttpStatusCode);
    }

    private static Uri AddressOf(Scene scene, string door) =>
        new($"ws://{(door == "lean" ? scene.Server.WebSocket : scene.Server.Http)}/v1/connect");
}
