using Presence.Client.Tests.Fakes;
using Presence.V1;
using Xunit;

namespace Presence.Client.Tests.Clients;

public sealed class TokenTests
{
    [Fact]
    public async Task An_expired_token_is_asked_for_anew()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.ConnectedAsync();
        await scene.GoAwayAsync(peer, CloseCode.TokenExpired);
        await scene.WaitOutAsync();
        (_, Hello hello) = await scene.WelcomeAsync();
        Assert.Equal(("token-2", "resume-1"), (hello.Token, hello.ResumeToken.ToStringUtf8()));
    }

    [Fact]
    public async Task A_refused_resume_token_is_replaced_by_a_token_at_once()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.ConnectedAsync();
        peer.Dispose();
        await scene.WaitOutAsync();
        (peer, Hello hello) = await scene.AcceptAsync();
        Assert.Equal("", hello.Token);
        await scene.GoAwayAsync(peer, CloseCode.BadToken);
        // No wait in between: the clock stands still.
        (_, hello) = await scene.WelcomeAsync();
        Assert.Equal(("token-2", true), (hello.Token, hello.ResumeToken.IsEmpty));
    }

    [Fact]
    public async Task A_refused_token_closes_the_client()
    {
        await using Scene scene = new();
        Task connect = scene.Client.ConnectAsync(scene.Deadline);
        (FakePeer peer, _) = await scene.AcceptAsync();
        Error wrong = new() { Code = ErrorCode.Unauthenticated, Message = "the signature is wrong" };
        await scene.SendAsync(peer, new ServerFrame { Error = wrong });
        await scene.GoAwayAsync(peer, CloseCode.BadToken);
        PresenceClosedException e = await Assert.ThrowsAsync<PresenceClosedException>(() => connect);
        Assert.Equal(CloseCode.BadToken, e.CloseCode);
        Assert.Contains("the signature is wrong", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, scene.TokensAsked);
    }

    [Fact]
    public async Task A_token_that_is_about_to_expire_is_refreshed_in_place()
    {
        await using Scene scene = new();
        FakePeer peer = await scene.ConnectedAsync();
        await scene.SendAsync(peer, new ServerFrame { TokenExpiring = new TokenExpiring { InMs = 60_000 } });
        RefreshToken refresh = (await peer.ReadAsync(ClientFrame.FrameOneofCase.RefreshToken, scene.Deadline)).RefreshToken;
        Assert.Equal("token-2", refresh.Token);
        await scene.SendAsync(peer, Scene.Ack(refresh.RequestId));

        // The resume token ended with the old token, so the next Hello does not rely on it.
        peer.Dispose();
        await scene.WaitOutAsync();
        (_, Hello hello) = await scene.WelcomeAsync();
        Assert.Equal("token-3", hello.Token);
    }

    [Fact]
    public async Task A_provider_that_fails_is_asked_again()
    {
        int asked = 0;
        await using Scene scene = new(with: options => options with
        {
            TokenProvider = _ => Interlocked.Increment(ref asked) == 1
                ? throw new InvalidOperationException("no network")
                : ValueTask.FromResult("late-token"),
        });
        Task connect = scene.Client.ConnectAsync(scene.Deadline);
        ConnectionStateChange waiting = await scene.WaitOutAsync();
        Assert.Equal("no network", waiting.Cause?.Message);
        (_, Hello hello) = await scene.WelcomeAsync();
        await connect;
        Assert.Equal("late-token", hello.Token);
    }
}
