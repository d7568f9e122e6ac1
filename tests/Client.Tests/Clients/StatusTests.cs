using Presence.Client.Tests.Fakes;
using Presence.V1;
using Xunit;

namespace Presence.Client.Tests.Clients;

public sealed class StatusTests
{
    [Fact]
    public async Task While_disconnected_only_the_latest_status_is_kept()
    {
        await using Scene scene = new();
        Task<ulong> first = scene.Client.SetStatusAsync(Status.Away, "lunch", scene.Deadline);
        Task<ulong> second = scene.Client.SetStatusAsync(Status.Busy, "meeting", scene.Deadline);
        Task connect = scene.Client.ConnectAsync(scene.Deadline);
        (FakePeer peer, Hello hello) = await scene.WelcomeAsync();
        await connect;
        Assert.Equal(Status.Busy, hello.InitialStatus);
        await AnswerAsync(scene, peer, Status.Busy, "meeting", version: 77);
        Assert.Equal((77ul, 77ul), (await first, await second));
    }

    [Fact]
    public async Task Calls_that_come_before_the_ack_are_sent_as_one()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.ConnectedAsync();
        Task<ulong> first = scene.Client.SetStatusAsync(Status.Away, "1", scene.Deadline);
        SetStatus sent = (await peer.ReadAsync(ClientFrame.FrameOneofCase.SetStatus, scene.Deadline)).SetStatus;
        Task<ulong> second = scene.Client.SetStatusAsync(Status.Away, "2", scene.Deadline);
        Task<ulong> third = scene.Client.SetStatusAsync(Status.Busy, "3", scene.Deadline);
        await scene.SendAsync(peer, Scene.Ack(sent.RequestId, 70));
        await AnswerAsync(scene, peer, Status.Busy, "3", version: 71);
        Assert.Equal((71ul, 71ul, 71ul), (await first, await second, await third));
    }

    [Fact]
    public async Task A_status_whose_ack_was_lost_is_sent_again()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.ConnectedAsync();
        Task<ulong> set = scene.Client.SetStatusAsync(Status.Busy, "text", scene.Deadline);
        await peer.ReadAsync(ClientFrame.FrameOneofCase.SetStatus, scene.Deadline);
        peer.Dispose();
        await scene.WaitOutAsync();
        (peer, _) = await scene.WelcomeAsync();
        await AnswerAsync(scene, peer, Status.Busy, "text", version: 9);
        Assert.Equal(9ul, await set);
    }

    [Fact]
    public async Task Hello_never_says_invisible()
    {
        await using Scene scene = new(with: options => options with { InitialStatus = Status.Away });
        FakePeer peer = await scene.ConnectedAsync();
        Task<ulong> set = scene.Client.SetStatusAsync(Status.Invisible, "", scene.Deadline);
        await AnswerAsync(scene, peer, Status.Invisible, "", version: 9);
        await set;
        peer.Dispose();
        await scene.WaitOutAsync();
        (_, Hello hello) = await scene.WelcomeAsync();
        Assert.Equal(Status.Away, hello.InitialStatus);
    }

    [Fact]
    public async Task A_refused_status_is_an_exception_and_the_next_one_is_sent()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.ConnectedAsync();
        Task<ulong> tooLong = scene.Client.SetStatusAsync(Status.Busy, new string('x', 129), scene.Deadline);
        SetStatus sent = (await peer.ReadAsync(ClientFrame.FrameOneofCase.SetStatus, scene.Deadline)).SetStatus;
        await scene.SendAsync(peer, Scene.Refusal(sent.RequestId, ErrorCode.Limit, "status_text_bytes"));
        PresenceException e = await Assert.ThrowsAsync<PresenceException>(() => tooLong);
        Assert.Equal((ErrorCode.Limit, "status_text_bytes"), (e.Code, e.Which));
        Task<ulong> next = scene.Client.SetStatusAsync(Status.Away, "", scene.Deadline);
        await AnswerAsync(scene, peer, Status.Away, "", version: 3);
        Assert.Equal(3ul, await next);
    }

    private static async Task AnswerAsync(Scene scene, FakePeer peer, Status status, string text, ulong version)
    {
        SetStatus sent = (await peer.ReadAsync(ClientFrame.FrameOneofCase.SetStatus, scene.Deadline)).SetStatus;
        Assert.Equal((status, text), (sent.Status, sent.StatusText));
        await scene.SendAsync(peer, Scene.Ack(sent.RequestId, version));
    }
}
