using Presence.Server.Tests.Security;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Transport;

/// <summary>What clients are told while the keys of their tokens are on the way.</summary>
public sealed class KeysTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public async Task A_token_of_a_new_key_comes_back_and_is_welcome()
    {
        string set = _directory.Write("jwks", Jwt.KeySet(Jwt.JwkOf(Jwt.Secret, "old")));
        await using ServerProcess server = await ServerProcess.StartAsync([$"Presence:Auth:JwksFile={set}", "Presence:Auth:JwksRefreshInterval=00:00:01"]);
        TimeSpan slot = await ComeBackAsync(server);
        _directory.Write("jwks", Jwt.KeySet(Jwt.JwkOf(Jwt.Secret, "old"), Jwt.JwkOf(Jwt.OtherSecret, "new")));
        await Task.Delay(slot, TestContext.Current.CancellationToken);
        await using RawClient again = await RawClient.ConnectAsync(server.Tcp);
        await again.HelloAsync(Token());
    }

    [Fact]
    public async Task Who_comes_before_the_keys_is_told_when_to_come_back()
    {
        // Nobody listens on the port of tcpmux.
        await using ServerProcess server = await ServerProcess.StartAsync(["Presence:Auth:JwksUrl=http://127.0.0.1:1/jwks"]);
        await ComeBackAsync(server);
    }

    public void Dispose() => _directory.Dispose();

    private static async Task<TimeSpan> ComeBackAsync(ServerProcess server)
    {
        await using RawClient client = await RawClient.ConnectAsync(server.Tcp);
        await client.SendAsync(new ClientFrame { Hello = new Hello { ProtocolVersion = 1, Token = Token(), DeviceId = "phone" } });
        Error error = (await client.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;
        GoAway goAway = (await client.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway;
        Assert.Equal((ErrorCode.Unavailable, CloseCode.Overloaded), (error.Code, goAway.CloseCode));
        Assert.True(goAway.HasReconnectAfterMs);
        Assert.Equal(error.ReconnectAfterMs, goAway.ReconnectAfterMs);
        return TimeSpan.FromMilliseconds(goAway.ReconnectAfterMs);
    }

    private static string Token() => Jwt.Hs256(
        Jwt.Payload("7", TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds()), Jwt.OtherSecret, """{"alg":"HS256","kid":"new"}""");
}
