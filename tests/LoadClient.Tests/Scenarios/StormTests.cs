using Presence.LoadClient.Tests.Fakes;
using Presence.LoadClient.Tests.Links.Fakes;
using Presence.TestKit;
using Xunit;

namespace Presence.LoadClient.Tests.Scenarios;

public sealed class StormTests
{
    [Fact]
    public async Task Everybody_is_back_and_nobody_was_seen_to_go()
    {
        // As many are let in a second as by default.
        await using ServerProcess server = await ServerProcess.StartAsync(["Presence:Admission:Handshakes=0"]);
        RunOutput run = await RunOutput.OfAsync(server, "storm --connections 5000 --watch 10 --watchers 50 --storms 2 --duration 20s");

        run.AssertRight("storm");
        Assert.Equal(10_000, run.Number("connections", "returned"));
        Assert.Equal(10_000, run.Number("latency_ms", "count"));
        Assert.Equal([5_000, 5_000], run.Report.GetProperty("storms").EnumerateArray().Select(static storm => storm.GetProperty("lost").GetInt32()));
        Assert.Equal(50_500, run.Number("states", "compared"));
    }

    [Fact]
    public async Task Links_that_all_go_at_once_are_back_and_nobody_on_them_was_seen_to_go()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        RunOutput run = await RunOutput.OfAsync(
            server,
            "storm --connections 500 --watch 10 --watchers 50 --storms 2 --sessions 100K --links 8 --ramp-rate 100K/s --sample 100K --duration 20s");

        run.AssertRight("storm");
        Assert.Equal(
            [(500, 8), (500, 8)],
            run.Report.GetProperty("storms").EnumerateArray()
                .Select(static storm => (storm.GetProperty("lost").GetInt32(), storm.GetProperty("links").GetProperty("resumed").GetInt32())));
        Assert.Equal(100_000, run.Number("links", "up"));
        Assert.Equal(100_000, run.Of("links", "states").GetProperty("verified").GetInt64());
        Assert.Equal(500, run.Of("links", "views").GetProperty("compared").GetInt64());
    }

    [Fact]
    public async Task A_server_that_does_not_keep_the_set_of_a_link_ends_with_1()
    {
        await using var server = new FakeLinkServer { Faults = new FakeLinkFaults { ForgetsGateways = true } };
        RunOutput run = await RunOutput.OfAsync(
            "storm --connections 2 --watch 0 --watchers 1 --sessions 2K --links 2 --duration 1s",
            "--server", server.Address, "--key-file", server.KeyFile);

        run.AssertWrong("had not kept its set");
        Assert.Equal(2, run.Number("links", "not_kept"));
    }

    [Fact]
    public async Task Who_is_told_when_to_come_back_comes_then()
    {
        await using var server = new PacingServer(slot: TimeSpan.FromMilliseconds(700));
        server.Start();
        RunOutput run = await RunOutput.OfAsync(
            "storm --connections 20 --watch 3 --watchers 2 --duration 1s", "--server", server.Address, "--key-file", server.KeyFile);

        run.AssertRight("storm");
        Assert.Equal(0, server.TooEarly);
        Assert.Equal(20, run.Number("connections", "paced"));
        Assert.Equal(20, run.Of("connections", "failed").GetProperty("overloaded").GetInt64());
    }

    [Fact]
    public async Task An_ack_before_the_welcome_is_counted_and_ends_with_1()
    {
        await using var server = new HastyServer();
        server.Start();
        RunOutput run = await RunOutput.OfAsync(
            "storm --connections 4 --watch 3 --watchers 1 --duration 500ms", "--server", server.Address, "--key-file", server.KeyFile);

        run.AssertWrong("the server broke the protocol 1 times: heartbeat_ack_before_welcome");
        Assert.Equal(1, run.Of("connections", "failed").GetProperty("heartbeat_ack_before_welcome").GetInt64());
    }

    [Fact]
    public async Task A_storm_against_a_server_that_is_gone_ends()
    {
        await using var server = new FakeLinkServer { Faults = new FakeLinkFaults { DiesAt = 1 } };
        RunOutput run = await RunOutput.OfAsync(
            "storm --connections 2 --watch 0 --watchers 1 --storms 2 --sessions 2K --links 2 --duration 1s",
            "--server", server.Address, "--key-file", server.KeyFile);

        run.AssertWrong("the server was not reached for 30 s: connection_refused");
        Assert.Equal(0, run.Number("links", "not_kept"));
    }

    [Fact]
    public async Task Somebody_shown_offline_within_the_hold_ends_with_1()
    {
        await using var server = new ForgetfulServer();
        server.Start();
        RunOutput run = await RunOutput.OfAsync(
            "storm --connections 4 --watch 3 --watchers 1 --duration 500ms", "--server", server.Address, "--key-file", server.KeyFile);

        run.AssertWrong("was told that user");
        Assert.Equal(12, run.Number("absences", "false_offlines"));
    }
}
