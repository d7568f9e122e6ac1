using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Presence.Server.Privacy;
using Presence.Server.Storage;
using Presence.Server.Tests.Hosting;
using Presence.Server.Tests.Http;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Privacy;

/// <summary>A policy is asked at every door, and whom it hides is a user who was never seen; without an answer nobody is told anything.</summary>
public sealed class WatchPolicyTests : IAsyncLifetime
{
    private const ulong Blocked = 7;
    private const ulong Friend = 8;
    private const ulong Nobody = 9;
    private const ulong Watcher = 1;

    private readonly HttpListener _policy = new();
    private readonly List<string> _asked = [];
    private ServerProcess _server = null!;
    private Task _answering = null!;
    private volatile string _hidden = "[\"7\"]";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        string address = $"http://{LoopbackPorts.Free()}/";
        _policy.Prefixes.Add(address);
        _policy.Start();
        _answering = AnswerAsync();
        _server = await ServerProcess.StartAsync(["Presence:Shards=2", "Presence:Limits:StatusChanges=0", $"Presence:WatchPolicy:Url={address}may"]);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _policy.Stop();
        await _answering;
    }

    [Fact]
    public async Task Who_is_hidden_was_never_seen_by_this_watcher_on_every_surface_and_is_by_others()
    {
        await using RawClient blocked = await ConnectAsync(Blocked), friend = await ConnectAsync(Friend);
        await using RawClient watcher = await ConnectAsync(Watcher);
        PresenceBatch watched = await watcher.WatchAsync(1, Blocked, Friend, Nobody);
        AssertAlike(watched);
        Assert.Equal(Status.Online, watched.Entries.Single(static entry => entry.UserId == Friend).Status);
        AssertAlike(await watcher.QueryAsync(2, Blocked, Nobody, Friend));
        await blocked.SetStatusAsync(1, Status.Busy);
        await friend.SetStatusAsync(1, Status.Busy);
        Assert.Equal([Friend], (await watcher.ReceiveBatchAsync(static _ => true)).Entries.Select(static entry => entry.UserId));

        JsonElement got = await GetAsync(Watcher, $"?users={Blocked},{Nobody},{Friend}");
        Assert.Equal(got.GetProperty("users")[0].ToString().Replace("\"7\"", "\"9\"", StringComparison.Ordinal), got.GetProperty("users")[1].ToString());
        Assert.Equal("busy", got.GetProperty("users")[2].Text("presence"));
        await using StreamClient stream = await StreamAsync($"?watch={Blocked},{Friend}");
        Assert.Equal("0", (await stream.SeeAsync(Blocked, "offline")).Text("version"));
        await stream.SeeAsync(Friend, "busy");

        // Of oneself nobody asks, and a back-end has its scope.
        Assert.Equal(Status.Busy, (await blocked.QueryAsync(3, Blocked)).Entries.Single().Status);
        await using RawGateway gateway = await RawGateway.OpenAsync(_server);
        Assert.Equal(Status.Busy, (await gateway.Client.QueryAsync(1, Blocked)).Entries.Single().Status);
        Assert.Equal("""{"watcher":"1","watched":["7","8","9"]}""", _asked[0]);
        Assert.DoesNotContain(_asked, static question => question.Contains("\"watcher\":\"7\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_next_watch_is_judged_anew()
    {
        await using RawClient blocked = await ConnectAsync(Blocked), watcher = await ConnectAsync(Watcher);
        await watcher.WatchAsync(1, Blocked);
        _hidden = "[]";
        Assert.Equal(Status.Online, (await watcher.WatchAsync(2, Blocked)).Entries.Single().Status);
        _hidden = "[\"7\"]";
        Assert.Equal((Status.Offline, 0UL), (await watcher.WatchAsync(3, Blocked)).Entries.Single() is var entry ? (entry.Status, entry.Version) : default);
        await blocked.SetStatusAsync(1, Status.Busy);
        Assert.Empty(await watcher.RoundTripAsync());
        _hidden = "[]";
        await watcher.WatchAsync(4, Blocked);
        var unwatch = new Unwatch { RequestId = 5, UserIds = { Blocked } };
        await watcher.SendAsync(new ClientFrame { Unwatch = unwatch });
        await watcher.ReceiveAsync(ServerFrame.FrameOneofCase.Ack);
        await blocked.SetStatusAsync(2, Status.Away);
        Assert.Empty(await watcher.RoundTripAsync());
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[7]")]
    [InlineData("[\"x\"]")]
    [InlineData("late")]
    [InlineData("refused")]
    public async Task Without_an_answer_nothing_is_told_of_anybody(string answer)
    {
        _hidden = answer;
        await using RawClient friend = await ConnectAsync(Friend), watcher = await ConnectAsync(Watcher);
        await watcher.SendAsync(new ClientFrame { Watch = new Watch { RequestId = 1, UserIds = { Friend, Nobody } } });
        Error refused = (await watcher.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;
        Assert.Equal((1UL, ErrorCode.Unavailable), (refused.RequestId, refused.Code));
        await friend.SetStatusAsync(1, Status.Busy);
        Assert.Empty(await watcher.RoundTripAsync());
        using HttpResponseMessage got = await SendAsync(Watcher, $"?users={Friend}");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, got.StatusCode);
        await using StreamClient stream = await StreamAsync($"?watch={Friend}");
        Assert.Equal("UNAVAILABLE", (await stream.NextAsync("error")).Text("code"));
        _hidden = "[]";
        Assert.Equal(Status.Busy, (await watcher.WatchAsync(2, Friend)).Entries.Single().Status);
    }

    [Fact]
    public async Task A_policy_that_is_down_is_logged_once_in_a_while_and_not_for_each_request()
    {
        const int Requests = 250;
        _hidden = "null";
        await using RawClient watcher = await ConnectAsync(Watcher);
        for (ulong request = 1; request <= Requests; request++)
        {
            await watcher.SendAsync(new ClientFrame { Query = new Query { RequestId = request, UserIds = { Friend } } });
            Assert.Equal(ErrorCode.Unavailable, (await watcher.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error.Code);
        }

        await watcher.DisposeAsync();
        Assert.Equal(0, await _server.StopAsync());
        Assert.InRange(_server.Output.Split('\n').Count(static line => line.Contains("The watch policy does not answer", StringComparison.Ordinal)), 1, Requests / 10);
    }

    [Fact]
    public async Task A_policy_of_the_operators_own_takes_the_place_of_the_open_one()
    {
        using var directory = new TemporaryDirectory();
        await using NodeInProcess node = await NodeInProcess.StartAsync(
            directory.Path, new CheckpointDisk(), static services => services.AddSingleton<IWatchPolicy>(new OnlyFriends()));
        await using RawClient blocked = await node.ConnectAsync(Blocked), friend = await node.ConnectAsync(Friend);
        await using RawClient watcher = await node.ConnectAsync(Watcher, observes: true);
        Assert.Equal(
            [(Blocked, Status.Offline), (Friend, Status.Online)],
            (await watcher.WatchAsync(1, Blocked, Friend)).Entries.Select(static entry => (entry.UserId, entry.Status)).Order());
    }

    private static void AssertAlike(PresenceBatch batch)
    {
        PresenceEntry hidden = batch.Entries.Single(static entry => entry.UserId == Blocked), never = batch.Entries.Single(static entry => entry.UserId == Nobody);
        (hidden.UserId, never.UserId) = (0, 0);
        Assert.Equal(never.ToByteArray(), hidden.ToByteArray());
    }

    private async Task<RawClient> ConnectAsync(ulong user)
    {
        RawClient client = await RawClient.ConnectAsync(_server.Tcp);
        await client.HelloAsync(TestTokens.For(_server, user));
        return client;
    }

    private async Task<HttpResponseMessage> SendAsync(ulong user, string query)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{_server.Http}/users/presence{query}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.For(_server, user));
        return await http.SendAsync(request, Cancelled);
    }

    private async Task<JsonElement> GetAsync(ulong user, string query)
    {
        using HttpResponseMessage answer = await SendAsync(user, query);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancelled)).RootElement;
    }

    private async Task<StreamClient> StreamAsync(string query)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, $"/users/presence{query}")
        {
            Content = new StringContent("""{"presence":"online"}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.For(_server, Watcher));
        request.Headers.Accept.ParseAdd("text/event-stream");
        return await StreamClient.OpenAsync(new Uri($"http://{_server.Http}"), request);
    }

    // "late" is never answered.
    private async Task AnswerAsync()
    {
        try
        {
            while (_policy.IsListening)
            {
                HttpListenerContext call = await _policy.GetContextAsync();
                using var reader = new StreamReader(call.Request.InputStream);
                _asked.Add(await reader.ReadToEndAsync());
                string hidden = _hidden;
                if (hidden == "late")
                {
                    continue;
                }

                call.Response.StatusCode = hidden == "refused" ? 403 : 200;
                await call.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes($"{{\"hidden\":{hidden}}}"));
                call.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private sealed class OnlyFriends : IWatchPolicy
    {
        public ValueTask<IReadOnlySet<ulong>> HiddenAsync(ulong watcher, IReadOnlyCollection<ulong> watched, CancellationToken cancel) =>
            new(watched.Where(static user => user != Friend).ToHashSet());
    }
}
