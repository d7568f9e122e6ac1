using Presence.TestKit;
using Xunit;

namespace Presence.LoadClient.Tests.Scenarios;

public sealed class FlapTests
{
    [Fact]
    public async Task Short_absences_are_seen_by_nobody_and_long_ones_once()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(["Presence:Session:Hold=00:00:03"]);
        RunOutput run = await RunOutput.OfAsync(
            server, "flap --users 5000 --watchers 100 --watch 100 --bounces 100 --long-share 0.2 --duration 20s");

        run.AssertRight("flap");
        Assert.Equal(0, run.Number("absences", "false_offlines"));
        Assert.Equal(0, run.Number("absences", "not_resumed"));
        Assert.True(run.Number("bounces", "short") > 0);
        Assert.True(run.Number("bounces", "long") > 0);
        Assert.Equal(run.Number("bounces", "short") + run.Number("bounces", "long"), run.Number("connections", "returned"));
        Assert.True(run.Number("offline_after_hold_ms", "count") > 0);
        Assert.Equal((10_000, 0), (run.Number("sightings", "compared"), run.Number("sightings", "wrong")));
    }
}
