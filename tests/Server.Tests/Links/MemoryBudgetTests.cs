using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Links;

/// <summary>At the memory budget new users are told when to come back, and who is up is served.</summary>
public class MemoryBudgetTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task New_users_are_refused_and_known_ones_are_served(bool isNaming)
    {
        await using Scene scene = await Scene.StartAsync(2, "Presence:Store:MemoryBudget=16MiB");
        RawClient known = await scene.ConnectAsync(5_000_000);
        Watcher watcher = await scene.WatchAsync(1, 2);
        RawGateway gateway = await scene.OpenAsync();
        if (!isNaming)
        {
            await gateway.CompleteAsync();
        }

        Error refused = await FillAsync(gateway);
        Assert.Equal((ErrorCode.Overloaded, false), (refused.Code, refused.HasSeq));
        Assert.InRange(refused.ReconnectAfterMs, 1u, 60_000u);
        await watcher.HasAsync(1, Status.Online);

        // Who is up changes and leaves, and who is known comes back; of the same frames who is new is refused.
        await gateway.DownAsync(2);
        await watcher.HasAsync(2, Status.Offline);
        ulong last = await gateway.UpAsync(Status.Busy, 1, 2, 9_000_000);
        await watcher.HasAsync(1, Status.Busy);
        await watcher.HasAsync(2, Status.Busy);
        gateway.KeepUp(LinkScene.BeatEvery, 1, 2, 9_000_001);
        refused = await RefusedAsync(gateway, last);
        Assert.Equal((ErrorCode.Overloaded, false), (refused.Code, refused.HasSeq));
        RawGateway asker = await scene.OpenAsync("asker");
        Assert.All(
            (await asker.Client.QueryAsync(1, 9_000_000, 9_000_001)).Entries, entry => Assert.Equal((Status.Offline, 0UL), (entry.Status, entry.Version)));

        RawClient stranger = await RawClient.ConnectAsync(scene.Server.Tcp);
        scene.Keep(stranger);
        await stranger.SendAsync(new ClientFrame { Hello = Hello(scene, 6_000_000) });
        Assert.Equal(ErrorCode.Overloaded, (await stranger.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error.Code);
        GoAway goAway = (await stranger.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway;
        Assert.Equal(CloseCode.Overloaded, goAway.CloseCode);
        Assert.True(goAway.HasReconnectAfterMs);

        // Known by the resume token of its device, which has fallen silent meanwhile.
        RawClient back = await scene.ConnectAsync(5_000_000, change: hello => hello.ResumeToken = known.Welcome!.ResumeToken);
        await back.RoundTripAsync();

        using var http = new HttpClient();
        await IsRefusedOverHttpAsync(scene, http, 7_000_000, "application/json");
        await IsRefusedOverHttpAsync(scene, http, 7_000_001, "text/event-stream");
        using HttpResponseMessage served = await PutAsync(scene, http, 5_000_000, "application/json");
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        using HttpResponseMessage streamed = await PutAsync(scene, http, 1, "text/event-stream");
        Assert.Equal(HttpStatusCode.OK, streamed.StatusCode);
        using HttpResponseMessage left = await PutAsync(scene, http, 7_000_000, "application/json", "offline");
        Assert.Equal(HttpStatusCode.OK, left.StatusCode);
        string ready = await http.GetStringAsync($"http://{scene.Server.Admin}/readyz", TestContext.Current.CancellationToken);
        JsonElement check = JsonDocument.Parse(ready).RootElement.GetProperty("checks").EnumerateArray()
            .Single(one => one.GetProperty("name").GetString() == "memory budget");
        Assert.Equal("degraded", check.GetProperty("status").GetString());
    }

    private static async Task IsRefusedOverHttpAsync(Scene scene, HttpClient http, ulong user, string accept)
    {
        using HttpResponseMessage refused = await PutAsync(scene, http, user, accept);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"), (refused.StatusCode, refused.Content.Headers.ContentType?.MediaType));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        JsonElement problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("OVERLOADED", problem.GetProperty("code").GetString());
    }

    private static async Task<HttpResponseMessage> PutAsync(Scene scene, HttpClient http, ulong user, string accept, string presence = "online")
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"http://{scene.Server.Http}/users/presence")
        {
            Content = new StringContent($$"""{"presence":"{{presence}}"}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.For(scene.Server, user));
        request.Headers.Accept.ParseAdd(accept);
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    // An error behind the acknowledgement of a frame.
    private static async Task<Error> RefusedAsync(RawGateway gateway, ulong seq)
    {
        ulong acked = 0;
        while (true)
        {
            ServerFrame frame = await gateway.Client.ReceiveAsync();
            acked = frame.SessionsAck?.Seq ?? acked;
            if (frame.FrameCase == ServerFrame.FrameOneofCase.Error && acked >= seq)
            {
                return frame.Error;
            }
        }
    }

    // Brings up users until some are refused, and keeps beating for the first.
    private static async Task<Error> FillAsync(RawGateway gateway)
    {
        for (ulong first = 1; ; first += 20_000)
        {
            ulong[] users = [.. Enumerable.Range(0, 20_000).Select(i => first + (ulong)i)];
            ulong seq = gateway.Seq + 1;
            await gateway.UpAsync(users);
            while (await gateway.Client.ReceiveAsync() is var frame)
            {
                if (frame.FrameCase == ServerFrame.FrameOneofCase.Error)
                {
                    return frame.Error;
                }

                if (frame.SessionsAck?.Seq >= seq)
                {
                    break;
                }
            }

            await gateway.BeatAsync(1);
        }
    }

    private static Hello Hello(Scene scene, ulong user) =>
        new() { ProtocolVersion = 1, DeviceId = "phone", Token = TestTokens.For(scene.Server, user) };
}
