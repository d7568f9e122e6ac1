using Presence.TestKit;
using Xunit;

namespace Presence.LoadClient.Tests.Scenarios;

public sealed class CelebrityTests
{
    [Fact]
    public async Task Everybody_sees_every_flip_of_the_one()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(["Presence:Limits:StatusChanges=0"]);
        RunOutput run = await RunOutput.OfAsync(server, "celebrity --connections 1000 --flips 2 --duration 5s");

        run.AssertRight("celebrity");
        Assert.Equal(1_001, run.Number("connections", "up"));
        Assert.InRange(run.Number("flips", "sent"), 10, 11);
        Assert.Equal(1_000, run.Number("states", "compared"));
        // Each but those that a later one overtook.
        Assert.InRange(run.Number("deliveries", "received"), 1_000, 11_000);
        Assert.InRange(run.Number("last_watcher_ms", "count"), 1, run.Number("flips", "sent"));
    }
}
