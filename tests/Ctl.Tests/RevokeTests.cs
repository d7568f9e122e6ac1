using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Web;
using Presence.Admin.V1;
using Presence.TestKit;
using Presence.V1;
using Status = Presence.V1.Status;

namespace Presence.Ctl.Tests;

/// <summary>revoke and revocations: who was let in by a token that is taken back goes at once, and does not come back.</summary>
public sealed class RevokeTests : IAsyncLifetime
{
    private const ulong User = 7;
    private const ulong Friend = 8;
    private const ulong Watching = 9;

    private static readonly HttpClient s_http = new() { Timeout = TimeSpan.FromSeconds(60) };

    private readonly List<RawClient> _clients = [];
    private readonly List<ServerProcess> _processes = [];

    private ServerProcess Server => _processes[^1];

    // Nobody goes by itself within the test: who goes was revoked.
    public async ValueTask InitializeAsync() => _processes.Add(await ServerProcess.StartAsync(
        ["Presence:Shards=2", "Presence:Session:HeartbeatInterval=00:05:00", "Presence:Session:Hold=00:05:00", "Presence:Limits:StatusChanges=0", "Presence:Limits:Revocations=3"]));

    public async ValueTask DisposeAsync()
    {
        foreach (RawClient client in _clients)
        {
            await client.DisposeAsync();
        }

        foreach (ServerProcess process in Enumerable.Reverse(_processes))
        {
            await process.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_users_sessions_of_every_kind_end_at_once_and_none_begins_until_it_is_lifted()
    {
        string token = TestTokens.For(Server, User);
        RawClient watcher = await WatchAsync(User, Friend);
        RawClient tcp = await ConnectAsync(token, "tcp");
        RawClient webSocket = Keep(await RawClient.ConnectWebSocketAsync(Server.WebSocket));
        await webSocket.HelloAsync(token, "web");
        RawClient framework = Keep(await RawClient.ConnectWebSocketAsync(Server.Http));
        await framework.HelloAsync(token, "framework");
        using HttpResponseMessage stream = await PutAsync(token, accept: "text/event-stream");
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(token)).StatusCode);
        RawClient held = await ConnectAsync(token, "held");
        byte[] resume = held.Welcome!.ResumeToken.ToByteArray();
        held.Reset();
        await ConnectAsync(TestTokens.For(Server, Friend), "friend");
        await watcher.UpdateAsync(Friend, static entry => entry.Status == Status.Online);

        Assert.Equal("user/7  all tokens of user 7", await CtlAsync("revoke", "--user", "7"));

        foreach (RawClient client in new[] { tcp, webSocket, framework })
        {
            Assert.Equal(CloseCode.Revoked, await EndAsync(client));
        }

        Assert.Contains("\"reason\":\"revoked\"", await stream.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await watcher.UpdateAsync(User, static entry => entry.Status == Status.Offline);
        await AssertShutOutAsync(token, resume, "held");
        await AssertShutOutAsync(TestTokens.For(Server, User, id: "fresh"), resume, "held");

        await Server.KillAsync();
        _processes.Add(await Server.AgainAsync());
        await AssertShutOutAsync(token, resume, "held");
        Assert.Equal("user/7  all tokens of user 7", await CtlAsync("revocations"));
        await CtlAsync("revocations", "lift", "user/7");
        await ConnectAsync(token, "tcp");
        Assert.Equal("", await CtlAsync("revocations"));
    }

    [Fact]
    public async Task Logged_out_everywhere_one_signs_in_anew()
    {
        string old = TestTokens.For(Server, User, id: null, issuedAt: DateTime.UtcNow.AddMinutes(-5));
        RawClient watcher = await WatchAsync(User);
        RawClient before = await ConnectAsync(old, "phone");
        byte[] resume = before.Welcome!.ResumeToken.ToByteArray();
        DateTime cut = DateTime.UtcNow.AddMinutes(-1);
        string line = await CtlAsync("revoke", "--user", "7", "--issued-before", $"{cut:O}");
        Assert.StartsWith("issued-before/7  tokens of user 7 issued before ", line, StringComparison.Ordinal);
        Assert.Equal(CloseCode.Revoked, await EndAsync(before));
        await watcher.UpdateAsync(User, static entry => entry.Status == Status.Offline);
        await AssertShutOutAsync(old, resume, "phone");
        // The client still has its resume token of before, and sends what it has.
        string fresh = TestTokens.For(Server, User);
        RawClient after = Keep(await RawClient.ConnectAsync(Server.Tcp));
        await after.HelloAsync(fresh, "phone", hello => hello.ResumeToken = Google.Protobuf.ByteString.CopyFrom(resume));
        await watcher.UpdateAsync(User, static entry => entry.Status == Status.Online);
        await after.SendAsync(new ClientFrame { RefreshToken = new RefreshToken { RequestId = 3, Token = old } });
        Error refused = (await after.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;
        Assert.Equal((3UL, ErrorCode.Unauthenticated, "The token has been revoked."), (refused.RequestId, refused.Code, refused.Message));
        await after.RoundTripAsync();
    }

    [Fact]
    public async Task One_token_is_taken_back_and_the_users_others_stay()
    {
        string stolen = TestTokens.For(Server, User, id: "stolen");
        RawClient thief = await ConnectAsync(stolen, "thief"), owner = await ConnectAsync(TestTokens.For(Server, User, id: "own"), "owner");
        await CtlAsync("revoke", "--token-id", "stolen");
        Assert.Equal(CloseCode.Revoked, await EndAsync(thief));
        await owner.RoundTripAsync();
        // A resume token of another one does not stand in for it.
        await AssertRefusedAsync(stolen, owner.Welcome!.ResumeToken.ToByteArray(), "owner");
    }

    [Fact]
    public async Task Everybodys_old_tokens_end_and_a_gateways_users_are_held_for_its_next_one()
    {
        DateTime old = DateTime.UtcNow.AddMinutes(-5);
        RawClient watcher = await WatchAsync(User, Friend);
        RawClient client = await ConnectAsync(TestTokens.For(Server, User, id: null, old), "phone");
        string gatewayToken = TestTokens.For(Server, 1, id: null, old, "presence:gateway");
        RawGateway gateway = await RawGateway.OpenAsync(Server, change: hello => hello.Token = gatewayToken);
        Keep(gateway.Client);
        await gateway.UpAsync(Status.Online, Friend);
        await gateway.CompleteAsync();
        await watcher.UpdateAsync(Friend, static entry => entry.Status == Status.Online);
        using HttpResponseMessage feed = await ChangesAsync(TestTokens.For(Server, 1, id: null, old, "presence:changes"));

        await CtlAsync("revoke", "--issued-before", $"{DateTime.UtcNow.AddMinutes(-1):O}");

        Assert.Equal(CloseCode.Revoked, await EndAsync(client));
        Assert.Equal(CloseCode.Revoked, (await gateway.Client.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
        Assert.Contains("\"reason\":\"revoked\"", await feed.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await watcher.UpdateAsync(User, static entry => entry.Status == Status.Offline);
        Assert.Equal(Status.Online, (await watcher.QueryAsync(2, Friend)).Entries.Single().Status);
        RawGateway next = await RawGateway.OpenAsync(Server);
        Keep(next.Client);
        Assert.True(next.Welcome.Resumed);
        Assert.Equal(HttpStatusCode.Unauthorized, (await ChangesAsync(TestTokens.For(Server, 1, id: null, old, "presence:changes"))).StatusCode);
    }

    [Fact]
    public async Task A_limit_bounds_them_and_an_older_one_makes_room_for_its_like()
    {
        foreach (string user in new[] { "1", "2", "3", "3" })
        {
            await CtlAsync("revoke", "--user", user);
        }

        CtlResult fourth = await RunAsync("revoke", "--user", "4");
        Assert.Equal(1, fourth.ExitCode);
        Assert.Contains("Presence:Limits:Revocations is reached", fourth.Error, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync("revocations", "lift", "user/4")).ExitCode);
        await CtlAsync("revocations", "lift", "user/1");
        await CtlAsync("revoke", "--user", "4");
        string[] keys = [.. (await CtlAsync("revocations", "--json")).Split('\n').Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("key").GetString()!)];
        Assert.Equal(["user/2", "user/3", "user/4"], keys);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_operators_watch_ends_with_its_token(bool isRevoked)
    {
        string token = isRevoked
            ? TestTokens.For(Server, 1, id: "operator", scope: "presence:admin")
            : TestTokens.For(Server, 1, TimeSpan.FromSeconds(5), "presence:admin");
        using GrpcChannel channel = GrpcChannel.ForAddress(
            $"http://{Server.Admin}", new GrpcChannelOptions { HttpHandler = new GrpcWebHandler(new HttpClientHandler()), HttpVersion = HttpVersion.Version11 });
        using AsyncServerStreamingCall<WatchPresenceResponse> watch = new AdminService.AdminServiceClient(channel).WatchPresence(
            new WatchPresenceRequest { UserIds = { Friend } }, new Metadata { { "authorization", $"Bearer {token}" } }, DateTime.UtcNow.AddSeconds(30), TestContext.Current.CancellationToken);
        Assert.True(await watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        if (isRevoked)
        {
            await CtlAsync("revoke", "--token-id", "operator");
        }

        RpcException ended = await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal((StatusCode.Unauthenticated, isRevoked ? "The token has been revoked." : "The token has expired."), (ended.StatusCode, ended.Status.Detail));
    }

    [Fact]
    public async Task Tokens_that_nobody_has_yet_are_not_revoked_by_their_age()
    {
        CtlResult result = await RunAsync("revoke", "--issued-before", $"{DateTime.UtcNow.AddHours(1):O}");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("in the future", result.Error, StringComparison.Ordinal);
        Assert.Equal("", await CtlAsync("revocations"));
        await ConnectAsync(TestTokens.For(Server, User), "phone");
    }

    [Theory]
    [InlineData("revoke")]
    [InlineData("revoke", "--token-id", "a", "--user", "7")]
    [InlineData("revoke", "--user", "seven")]
    [InlineData("revoke", "--issued-before", "yesterday")]
    [InlineData("revocations", "lift")]
    public async Task What_names_nothing_is_a_mistake(params string[] arguments) => Assert.Equal(2, (await CtlProcess.RunAsync(arguments)).ExitCode);

    private RawClient Keep(RawClient client)
    {
        _clients.Add(client);
        return client;
    }

    private async Task<RawClient> ConnectAsync(string token, string device)
    {
        RawClient client = Keep(await RawClient.ConnectAsync(Server.Tcp));
        await client.HelloAsync(token, device);
        return client;
    }

    private async Task<RawClient> WatchAsync(params ulong[] users)
    {
        RawClient watcher = Keep(await RawClient.ConnectAsync(Server.Tcp));
        await watcher.HelloAsync(TestTokens.For(Server, Watching), "watcher", static hello => hello.InitialStatus = Status.Offline);
        await watcher.WatchAsync(1, users);
        return watcher;
    }

    private static async Task<CloseCode> EndAsync(RawClient client) => (await client.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode;

    // By no door, and with nothing it has.
    private async Task AssertShutOutAsync(string token, byte[] resume, string resumes)
    {
        await AssertRefusedAsync(token, [], resumes);
        await AssertRefusedAsync("", resume, resumes);
        await AssertRefusedAsync(token, resume, resumes);
        HttpResponseMessage answer = await PutAsync(token);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("The token has been revoked.", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private async Task AssertRefusedAsync(string token, byte[] resume, string device)
    {
        await using RawClient client = await RawClient.ConnectAsync(Server.Tcp);
        var hello = new Hello { ProtocolVersion = 1, Token = token, DeviceId = device, ResumeToken = Google.Protobuf.ByteString.CopyFrom(resume) };
        await client.SendAsync(new ClientFrame { Hello = hello });
        Assert.Equal(ErrorCode.Unauthenticated, (await client.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error.Code);
        Assert.Equal(CloseCode.Revoked, await EndAsync(client));
    }

    private async Task<HttpResponseMessage> PutAsync(string token, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri($"http://{Server.Http}/users/presence"))
        {
            Content = new StringContent("""{"presence":"online"}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (accept is not null)
        {
            request.Headers.Accept.ParseAdd(accept);
        }

        return await s_http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    private async Task<HttpResponseMessage> ChangesAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{Server.Http}/v1/changes"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await s_http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    private Task<CtlResult> RunAsync(params string[] arguments) =>
        CtlProcess.RunAsync([.. arguments, "--admin", Server.Admin.ToString(), "--data-directory", Server.DataDirectory]);

    private async Task<string> CtlAsync(params string[] arguments)
    {
        CtlResult result = await RunAsync(arguments);
        Assert.True(result.ExitCode == 0, result.Error);
        return result.Output.TrimEnd();
    }
}
