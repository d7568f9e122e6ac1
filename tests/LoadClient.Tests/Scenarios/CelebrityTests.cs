using Presence.TestKit;
using Xunit;

namespace Presence.LoadClient.Tests.Scenarios;

public sealed class CelebrityTests
{
    [Fact]
    public async Task Everybody_sees_every_flip_of_the_one()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(["Presence:Limits:StatusChanges=0"]);
        RunOutput run = await RunOutput.OfAsync(server, "celebrity --connections 5000 --flips 2 --duration 20s");

        run.AssertRight("celebrity");
        Assert.Equal(5_001, run.Number("connections", "up"));
        Assert.InRange(run.Number("flips", "sent"), 40, 41);
        Assert.Equal(5_000, run.Number("states", "compared"));
        // Each but those that a later one overtook.
        Assert.InRange(run.Number("deliveries", "received"), 5_000, 205_000);
        Assert.InRange(run.Number("last_watcher_ms", "count"), 1, run.Number("flips", "sent"));
    }
}
