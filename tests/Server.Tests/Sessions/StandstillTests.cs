using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Sessions;

/// <summary>A server that is stopped for a minute. A class of its own, because it takes as long; three servers at once, because none of them works meanwhile.</summary>
public class StandstillTests
{
    [Fact]
    public Task A_server_that_stood_still_for_a_minute_shows_nobody_offline() => Task.WhenAll(StandStillAsync(1), StandStillAsync(2), StandStillAsync(4));

    private static async Task StandStillAsync(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2, 3);
        RawClient talking = await scene.ConnectAsync(2);
        RawClient returning = await scene.ConnectAsync(3);
        PresenceEntry two = await watcher.HasAsync(2, Status.Online);
        PresenceEntry three = await watcher.HasAsync(3, Status.Online);
        scene.Server.Pause();
        await Task.Delay(TimeSpan.FromSeconds(30));
        await talking.HeartbeatAsync();
        returning.Reset();
        await Task.Delay(TimeSpan.FromSeconds(30));
        scene.Server.Continue();
        RawClient back = await scene.ConnectAsync(3);
        for (int i = 0; i < 4; i++)
        {
            await talking.RoundTripAsync();
            await back.RoundTripAsync();
            await Task.Delay(Scene.Interval);
        }

        await watcher.SyncAsync();
        Assert.Equal(two, watcher.Latest(2));
        Assert.Equal(three, watcher.Latest(3));
    }
}
