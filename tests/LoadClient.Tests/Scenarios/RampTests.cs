using System.Text.Json;
using Presence.LoadClient.Tests.Links.Fakes;
using Xunit;

namespace Presence.LoadClient.Tests.Scenarios;

/// <summary>The whole program against a server that can be told to be wrong.</summary>
public sealed class RampTests
{
    [Fact]
    public async Task A_ramp_ends_with_every_state_right()
    {
        await using var server = new FakeLinkServer();
        JsonElement report = await RunAsync(server, code: 0);

        Assert.Equal(20_000, report.GetProperty("sessions").GetProperty("named").GetInt64());
        JsonElement changes = report.GetProperty("changes");
        long said = changes.GetProperty("said").GetInt64();
        Assert.InRange(said, 1_200, 1_201);
        Assert.Equal(4 * said, changes.GetProperty("told").GetInt64());
        Assert.Equal(4, changes.GetProperty("links_that_saw_all").GetInt32());
        JsonElement states = report.GetProperty("states");
        Assert.Equal(20_000 + 800, states.GetProperty("verified").GetInt64());
        Assert.Equal(0, states.GetProperty("wrong").GetInt64());
        Assert.Equal(50 * 20, report.GetProperty("watcher_views").GetProperty("compared").GetInt64());
        Assert.InRange(report.GetProperty("deliveries").GetInt64(), 1, said * 50);
        lock (server.Gate)
        {
            Assert.Equal(20_000, server.Users.Beaten.Count);
            Assert.Equal(0, server.Users.BeatenUp);
            Assert.All(server.Gateways.Values, static gateway => Assert.Equal((1, 1, 0), (gateway.Connections, gateway.Completed, gateway.Repeats)));
        }
    }

    [Fact]
    public async Task Links_that_are_lost_and_restarted_are_seen_by_nobody()
    {
        await using var server = new FakeLinkServer();
        JsonElement report = await RunAsync(server, code: 0, "--restart-link");

        Assert.Equal(
            [(false, true), (true, false)],
            report.GetProperty("restarts").EnumerateArray()
                .Select(static restart => (restart.GetProperty("gateway_forgot").GetBoolean(), restart.GetProperty("resumed").GetBoolean())));
        Assert.Equal(2, report.GetProperty("changes").GetProperty("links_there_all_the_time").GetInt32());
        lock (server.Gate)
        {
            Assert.Equal([1, 1, 2, 2], server.Gateways.Values.Select(static gateway => gateway.Connections).Order());
            Assert.Equal([1, 1, 1, 2], server.Gateways.Values.Select(static gateway => gateway.Completed).Order());
        }
    }

    [Fact]
    public async Task A_server_that_does_not_know_a_gateway_again_is_told_the_set_and_found_out()
    {
        await using var server = new FakeLinkServer { Faults = new FakeLinkFaults { ForgetsGateways = true } };
        JsonElement report = await RunAsync(server, code: 1, "--restart-link");

        Assert.Contains("had not kept its set", report.GetProperty("wrong")[0].GetString()!, StringComparison.Ordinal);
        Assert.Equal(0, report.GetProperty("states").GetProperty("wrong").GetInt64());
        lock (server.Gate)
        {
            Assert.Equal([1, 1, 2, 2], server.Gateways.Values.Select(static gateway => gateway.Completed).Order());
        }
    }

    [Fact]
    public async Task A_wrong_state_ends_with_1()
    {
        await using var server = new FakeLinkServer { Faults = new FakeLinkFaults { LiesAbout = 17 } };
        JsonElement report = await RunAsync(server, code: 1);

        Assert.NotEqual(0, report.GetProperty("states").GetProperty("wrong").GetInt64());
        Assert.Contains("user 17 is Busy", report.GetProperty("wrong")[0].GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transition_that_links_are_not_told_of_ends_with_1()
    {
        await using var server = new FakeLinkServer { Faults = new FakeLinkFaults { HidesEvery = 1_000 } };
        JsonElement report = await RunAsync(server, code: 1);

        Assert.Equal(0, report.GetProperty("changes").GetProperty("links_that_saw_all").GetInt32());
    }

    [Theory]
    [InlineData("overloaded", 5, 0)]
    [InlineData("outoforder", 0, 5)]
    public async Task What_the_server_has_not_taken_is_said_again(string code, ulong refuses, ulong loses)
    {
        await using var server = new FakeLinkServer { Faults = new FakeLinkFaults { Refuses = refuses, Loses = loses } };
        JsonElement report = await RunAsync(server, code: 0);

        Assert.True(report.GetProperty("links").GetProperty("held_up").GetProperty(code).GetInt64() >= 1);
    }

    [Fact]
    public async Task A_link_that_the_server_closes_comes_back_and_is_counted()
    {
        await using var server = new FakeLinkServer { Faults = new FakeLinkFaults { ClosesAt = 300 } };
        JsonElement report = await RunAsync(server, code: 1);

        Assert.Equal(1, report.GetProperty("links").GetProperty("lost").EnumerateObject().Sum(static reason => reason.Value.GetInt64()));
        Assert.Equal(4, report.GetProperty("links").GetProperty("live").GetInt32());
        Assert.Equal(0, report.GetProperty("states").GetProperty("wrong").GetInt64());
    }

    [Theory]
    [InlineData("ramp --sessions many")]
    [InlineData("ramp --sessions 0")]
    [InlineData("ramp --links 65")]
    [InlineData("ramp --ids-per-query 16-1000")]
    [InlineData("ramp --ids-per-query 20..10")]
    [InlineData("ramp --sessions 500 --ids-per-query 16..1000")]
    [InlineData("ramp --hold 0s")]
    [InlineData("ramp --changes -1")]
    public async Task What_is_no_run_ends_with_2_and_says_why(string arguments)
    {
        (int code, string output, string errors) = await LoadClientProcess.RunAsync(arguments.Split(' '));
        Assert.Equal(2, code);
        Assert.NotEmpty(errors);
        Assert.Empty(output);
    }

    private static async Task<JsonElement> RunAsync(FakeLinkServer server, int code, params string[] more)
    {
        string key = Path.Combine(Path.GetTempPath(), $"presence-key-{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(key, new string('A', 43), TestContext.Current.CancellationToken);
        try
        {
            (int ended, string output, string errors) = await LoadClientProcess.RunAsync(
            [
                "ramp", "--server", server.Address, "--key-file", key, "--sessions", "20K", "--links", "4", "--ramp-rate", "20K/s",
                "--changes", "400/s", "--reads", "5K/s", "--watchers", "50", "--hold", "3s", "--json", .. more,
            ]);
            Assert.True(ended == code, errors + output);
            return JsonDocument.Parse(output).RootElement;
        }
        finally
        {
            File.Delete(key);
        }
    }
}
