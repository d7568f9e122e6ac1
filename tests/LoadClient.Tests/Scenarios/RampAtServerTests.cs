using System.Text.Json;
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
        (int code, string output, string errors) = await LoadClientProcess.RunAsync(
            "ramp", "--server", server.Tcp.ToString(), "--data-directory", server.DataDirectory,
            "--sessions", "100K", "--links", "8", "--ramp-rate", "100K/s", "--changes", "500/s", "--reads", "10K/s",
            "--watchers", "100", "--hold", "15s", "--restart-link", "--json");

        Assert.True(code == 0, errors + output + server.Output);
        JsonElement report = JsonDocument.Parse(output).RootElement;
        Assert.Equal(0, report.GetProperty("states").GetProperty("wrong").GetInt64());
        Assert.InRange(report.GetProperty("states").GetProperty("verified").GetInt64(), 100_000, 125_000);
        Assert.Equal(2_000, report.GetProperty("watcher_views").GetProperty("compared").GetInt64());
    }
}
