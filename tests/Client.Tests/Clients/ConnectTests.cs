using Presence.Client.Tests.Fakes;
using Presence.V1;
using Xunit;

namespace Presence.Client.Tests.Clients;

public sealed class ConnectTests
{
    [Theory]
    [InlineData(FakeTransport.Tcp)]
    [InlineData(FakeTransport.Tls)]
    [InlineData(FakeTransport.WebSocket)]
    public async Task A_session_works_from_hello_to_goodbye(FakeTransport transport)
    {
        await using Scene scene = new(transport);
        FakePeer peer = await scene.WatchingAsync(2, 3);
        await scene.SendAsync(peer, Scene.Update(Scene.Entry(2, 11, Status.Busy)));
        PresenceChange change = await scene.ChangeAsync();
        Assert.Equal((Status.Online, Status.Busy), (change.Previous!.Status, change.Current.Status));

        Task goodbye = scene.Client.GoodbyeAsync(scene.Deadline);
        await peer.ReadAsync(ClientFrame.FrameOneofCase.Goodbye, scene.Deadline);
        Assert.Null(await peer.ReadAsync(scene.Deadline));
        peer.Dispose();
        await goodbye;
        Assert.Equal(ConnectionState.Disconnected, scene.Client.State);
    }

    [Fact]
    public async Task Hello_says_who_we_are()
    {
        await using Scene scene = new(with: options => options with
        {
            InitialStatus = Status.Away,
            ReportsActivity = true,
            ClientName = "tests/1",
        });
        Task connect = scene.Client.ConnectAsync(scene.Deadline);
        (_, Hello hello) = await scene.WelcomeAsync();
        await connect;
        Hello expected = new()
        {
            ProtocolVersion = 1,
            Token = "token-1",
            DeviceId = "test-device",
            DeviceKind = DeviceKind.Desktop,
            InitialStatus = Status.Away,
            ReportsActivity = true,
            ClientName = "tests/1",
        };
        Assert.Equal(expected, hello);
    }

    [Fact]
    public async Task A_large_frame_in_many_pieces_is_one_frame()
    {
        await using Scene scene = new(FakeTransport.WebSocket);
        ulong[] ids = [.. Enumerable.Range(1, 1_000).Select(id => (ulong)id)];
        await scene.WatchingAsync(ids);
        Assert.All(ids, id => Assert.Equal(Status.Online, scene.Client.CurrentView(id)!.Status));
    }

    [Fact]
    public async Task Bytes_that_are_no_frame_end_the_connection()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.ConnectedAsync();
        // An 'H' is a length of 72: a shorter answer would be the beginning of a frame.
        byte[] http = [.. "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\nServer: something else\r\n\r\n"u8];
        await peer.SendBytesAsync(http, scene.Deadline);
        ConnectionStateChange waiting = await scene.StateAsync(ConnectionState.Waiting);
        Assert.Contains("not a frame", waiting.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frame_of_a_newer_server_is_passed_over()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.WatchingAsync(2);
        byte[] unknownField = [3, 0x9A, 0x01, 0x00];
        await peer.SendBytesAsync(unknownField, scene.Deadline);
        await scene.SendAsync(peer, Scene.Update(Scene.Entry(2, 11, Status.Away)));
        Assert.Equal(Status.Away, (await scene.ChangeAsync()).Current.Status);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up_after_the_connect_time_out()
    {
        await using Scene scene = new();
        _ = scene.Client.ConnectAsync(scene.Deadline);
        await scene.AcceptAsync();
        scene.Clock.Advance(TimeSpan.FromSeconds(15));
        ConnectionStateChange waiting = await scene.StateAsync(ConnectionState.Waiting);
        Assert.Contains("did not welcome us", waiting.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_next_endpoint_is_tried_when_one_does_not_answer()
    {
        Uri dead;
        using (FakeServer gone = new())
        {
            dead = gone.Endpoint;
        }
        await using Scene scene = new(with: options => options with { Endpoints = [dead, .. options.Endpoints] });
        Task connect = scene.Client.ConnectAsync(scene.Deadline);
        await scene.WaitOutAsync();
        await scene.WelcomeAsync();
        await connect;
    }

    [Fact]
    public async Task Disconnect_says_nothing_and_connect_comes_back_with_the_resume_token()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.ConnectedAsync();
        await scene.Client.DisconnectAsync();
        Assert.Null(await peer.ReadAsync(scene.Deadline));
        await scene.StateAsync(ConnectionState.Disconnected);
        Task connect = scene.Client.ConnectAsync(scene.Deadline);
        (_, Hello hello) = await scene.WelcomeAsync();
        await connect;
        Assert.Equal("resume-1", hello.ResumeToken.ToStringUtf8());
    }

    [Fact]
    public async Task A_handler_that_throws_ends_nothing()
    {
        await using Scene scene = new();
        scene.Client.PresenceChanged += (_, _) => throw new InvalidOperationException("a fault of the application");
        FakePeer peer = await scene.WatchingAsync(2);
        await scene.SendAsync(peer, Scene.Update(Scene.Entry(2, 11, Status.Away)));
        Assert.Equal(Status.Away, (await scene.ChangeAsync()).Current.Status);
        Assert.Equal(ConnectionState.Connected, scene.Client.State);
    }

    [Theory]
    [InlineData("http://localhost")]
    [InlineData("localhost:7001")]
    public void An_endpoint_that_cannot_be_dialled_is_refused_at_once(string endpoint)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => new PresenceClient(new PresenceClientOptions
        {
            Endpoints = [new Uri(endpoint)],
            TokenProvider = _ => ValueTask.FromResult(""),
            DeviceId = "d",
        }));
        Assert.Contains("presence://host:port", e.Message, StringComparison.Ordinal);
    }
}
