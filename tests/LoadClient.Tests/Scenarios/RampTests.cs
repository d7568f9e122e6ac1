using System.Text.Json;
using Presence.LoadClient.Tests.Links.Fakes;
using Presence.V1;
using Xunit;

namespace Presence.LoadClient.Tests.Scenarios;

/// <summary>The whole program against a server that can be told to be wrong.</summary>
public sealed class RampTests
{
    [Fact]
    public async Task A_ramp_ends_with_every_state_right()
    {
        await using var server = new FakeLinkServer();
        RunOutput run = await RunAsync(server);

        run.AssertRight("ramp");
        JsonElement report = run.Report;
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
            Assert.All(
                server.Gateways.Values,
                static gateway => Assert.Equal((1, 1, 0), (gateway.Connections, gateway.Completed, gateway.Repeats)));
        }
    }

    [Fact]
    public async Task Links_that_are_lost_and_restarted_are_seen_by_nobody()
    {
        await using var server = new FakeLinkServer();
        RunOutput run = await RunAsync(server, "--restart-link");

        run.AssertRight("ramp");
        JsonElement report = run.Report;
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
        RunOutput run = await RunAsync(server, "--restart-link");

        run.AssertWrong("had not kept its set");
        Assert.Equal(0, run.Number("states", "wrong"));
        lock (server.Gate)
        {
            Assert.Equal([1, 1, 2, 2], server.Gateways.Values.Select(static gateway => gateway.Completed).Order());
        }
    }

    [Fact]
    public async Task A_wrong_state_ends_with_1()
    {
        await using var server = new FakeLinkServer { Faults = new FakeLinkFaults { LiesAbout = 17 } };
        RunOutput run = await RunAsync(server);

        run.AssertWrong("user 17 is Busy");
        Assert.NotEqual(0, run.Number("states", "wrong"));
    }

    public static TheoryData<string, Func<IReadOnlyList<ulong>, IEnumerable<ulong>>> WrongNames => new()
    {
        { "twice", static asked => asked.Select(_ => asked[0]) },
        { "was not asked for", static asked => asked.SkipLast(1).Append(asked[0] == 1 ? 20_000 : 1UL).Distinct() },
        { "left out", static asked => asked.Take(asked.Count / 2).Concat(asked.Take(asked.Count - (asked.Count / 2))) },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(WrongNames))]
    public async Task An_answer_about_other_users_than_those_asked_ends_with_1(
        string because, Func<IReadOnlyList<ulong>, IEnumerable<ulong>> names)
    {
        await using var server = new FakeLinkServer { Faults = new FakeLinkFaults { Names = names } };
        RunOutput run = await RunAsync(server);

        run.AssertWrong(because);
        Assert.NotEqual(0, run.Number("states", "left_out"));
    }

    [Fact]
    public async Task A_gateway_that_is_told_never_to_come_back_ends_the_run()
    {
        await using var server = new FakeLinkServer { Faults = new FakeLinkFaults { SendsAway = CloseCode.BadToken } };
        RunOutput run = await RunAsync(server);

        run.AssertWrong("was told never to come back: bad_token");
    }

    [Fact]
    public async Task A_server_that_is_gone_ends_the_run()
    {
        await using var server = new FakeLinkServer { Faults = new FakeLinkFaults { DiesAt = 5 } };
        RunOutput run = await RunAsync(server);

        run.AssertWrong("the server was not reached for 30 s: connection_refused");
        Assert.Equal(0, run.Number("links", "live"));
    }

    [Fact]
    public async Task A_transition_that_links_are_not_told_of_ends_with_1()
    {
        await using var server = new FakeLinkServer { Faults = new FakeLinkFaults { HidesEvery = 1_000 } };
        RunOutput run = await RunAsync(server);

        run.AssertWrong("4 of 4 links were not told of every change exactly once");
    }

    [Theory]
    [InlineData("overloaded", 5, 0)]
    [InlineData("outoforder", 0, 5)]
    public async Task What_the_server_has_not_taken_is_said_again(string code, ulong refuses, ulong loses)
    {
        await using var server = new FakeLinkServer { Faults = new FakeLinkFaults { Refuses = refuses, Loses = loses } };
        RunOutput run = await RunAsync(server);

        run.AssertRight("ramp");
        Assert.True(run.Of("links", "held_up").GetProperty(code).GetInt64() >= 1);
    }

    [Fact]
    public async Task A_link_that_the_server_closes_comes_back_and_is_counted()
    {
        await using var server = new FakeLinkServer { Faults = new FakeLinkFaults { ClosesAt = 300 } };
        RunOutput run = await RunAsync(server);

        run.AssertWrong("links were lost 1 times");
        Assert.Equal(4, run.Number("links", "live"));
        Assert.Equal(0, run.Number("states", "wrong"));
    }

    private static async Task<RunOutput> RunAsync(FakeLinkServer server, string more = "") => await RunOutput.OfAsync(
        $"ramp --sessions 20K --links 4 --ramp-rate 20K/s --changes 400/s --reads 5K/s --watchers 50 --hold 3s {more}".TrimEnd(),
        "--server",
        server.Address,
        "--key-file",
        server.KeyFile);
}
