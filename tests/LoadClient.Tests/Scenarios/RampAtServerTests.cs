using Presence.TestKit;
using Xunit;

namespace Presence.LoadClient.Tests.Scenarios;

/// <summary>The whole program against the real server, with heartbeats so close that users go who are not beaten.</summary>
public sealed class RampAtServerTests
{
    [Fact]
    public async Task A_ramp_is_held_and_restarted_links_are_seen_by_nobody()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(
        [
            "Presence:Session:HeartbeatInterval=00:00:04", "Presence:Session:Tolerance=00:00:02", "Presence:Session:Hold=00:00:09",
        ]);
        RunOutput run = await RunOutput.OfAsync(
            server,
            $"ramp --sessions 100K --links 8 --ramp-rate 100K/s --changes 500/s --reads 10K/s --watchers 100 --hold 20s --restart-link --admin {server.Admin}");

        run.AssertRight("ramp");
        Assert.InRange(run.Number("states", "verified"), 100_000, 125_000);
        Assert.Equal(2_000, run.Number("watcher_views", "compared"));
        Assert.InRange(run.Number("node", "managed_heap_most"), 1L << 20, 1L << 40);
        Assert.InRange(run.Of("node", "gc_pause_ms_longest").GetDouble(), 0, run.Of("node", "gc_pause_ms_total").GetDouble());
        double turn = run.Of("node", "turn_ms_longest_in_ramp").GetDouble();
        Assert.InRange(turn, double.Epsilon, run.Of("node", "turn_ms_longest").GetDouble());
    }
}
