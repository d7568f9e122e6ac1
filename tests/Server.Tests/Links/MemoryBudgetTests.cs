using System.Text.Json;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Links;

/// <summary>At the memory budget new users are told when to come back, and who is up is served.</summary>
public class MemoryBudgetTests
{
    [Fact]
    public async Task New_users_are_refused_and_known_ones_are_served()
    {
        await using Scene scene = await Scene.StartAsync(2, "Presence:Store:MemoryBudget=16MiB");
        RawClient known = await scene.ConnectAsync(5_000_000);
        Watcher watcher = await scene.WatchAsync(1);
        RawGateway gateway = await scene.OpenAsync();
        await gateway.CompleteAsync();
        Error refused = await FillAsync(gateway);
        Assert.Equal((ErrorCode.Overloaded, gateway.Seq + 1), (refused.Code, refused.Seq));
        Assert.InRange(refused.ReconnectAfterMs, 1u, 60_000u);

        // The seq of the refused frame is free: other frames go on under it, and a beat brings up nobody new.
        await gateway.AckedAsync(await gateway.BeatAsync(1, 9_000_000));
        await gateway.AckedAsync(await gateway.DownAsync(2));
        await watcher.HasAsync(1, Status.Online);
        Assert.Equal(Status.Offline, (await gateway.Client.QueryAsync(1, 9_000_000)).Entries.Single().Status);

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
        string ready = await http.GetStringAsync($"http://{scene.Server.Admin}/readyz", TestContext.Current.CancellationToken);
        JsonElement check = JsonDocument.Parse(ready).RootElement.GetProperty("checks").EnumerateArray()
            .Single(one => one.GetProperty("name").GetString() == "memory budget");
        Assert.Equal("degraded", check.GetProperty("status").GetString());
    }

    // Brings up users until they are refused, and keeps beating for the first.
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
                    gateway.Seq = seq - 1;
                    return frame.Error;
                }

                if (frame.SessionsAck?.Seq >= seq)
                {
                    break;
                }
            }

            await gateway.AckedAsync(await gateway.BeatAsync(1));
        }
    }

    private static Hello Hello(Scene scene, ulong user) =>
        new() { ProtocolVersion = 1, DeviceId = "phone", Token = TestTokens.For(scene.Server, user) };
}
