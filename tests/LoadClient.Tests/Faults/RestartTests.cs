using Presence.LoadClient.Tests.Scenarios;
using Presence.TestKit;
using Xunit;

namespace Presence.LoadClient.Tests.Faults;

/// <summary>What is done to a real server, on a real disk, while LoadClient drives it: each a process of its own.</summary>
public sealed class RestartTests(ITestOutputHelper output)
{
    // The clients give up on a heartbeat after 2δ: a busy machine has to be able to answer by then.
    private static readonly string[] s_shortTimes =
    [
        "Presence:Session:HeartbeatInterval=00:00:02",
        "Presence:Session:Tolerance=00:00:01.5",
        "Presence:Session:Hold=00:00:01.5",
        "Presence:Limits:StatusChanges=0",
    ];

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(7);

    [Theory]
    [InlineData(4)]
    [InlineData(20, Explicit = true)]
    public async Task Killed_many_times_in_a_row_nobody_who_comes_back_was_seen_to_go(int kills)
    {
        await using RestartedServer server = await RestartedServer.StartAsync(s_shortTimes);
        RunOutput run = await RunOutput.OfAsync(
            server.Current,
            $"restart --connections 1000 --watch 20 --flips 200 --restarts {kills} --stay-away 0.1 --tolerance 1.5s --duration 10s",
            async load =>
            {
                for (int kill = 1; kill <= kills; kill++)
                {
                    await load.SaysAsync($"({kill} of {kills})");
                    await server.KillAndStartAsync();
                }
            });

        run.AssertRight("restart");
        Assert.Equal(
            Enumerable.Repeat(1_000, kills),
            run.Report.GetProperty("restarts").EnumerateArray().Select(static restart => restart.GetProperty("lost").GetInt32()));
        Assert.Equal((900, 900), (run.Number("connections", "asked"), run.Number("connections", "up")));
        Assert.Equal((0, 0, 0), (run.Number("seen", "transitions"), run.Number("seen", "false_offlines"), run.Number("seen", "lost_changes")));
        Assert.Equal((100, 0), (run.Number("leavers", "count"), run.Number("leavers", "still_shown")));
        Assert.InRange(run.Number("leavers", "views"), 1, 18_000);
        Assert.Equal(18_000 - run.Number("leavers", "views"), run.Number("states", "compared"));
        Assert.True(run.Report.GetProperty("flips").GetInt64() > 0);
    }

    [Fact]
    public async Task Stopped_for_longer_than_d_and_two_tolerances_it_shows_nobody_offline()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(s_shortTimes);
        RunOutput run = await RunOutput.OfAsync(
            server,
            "restart --connections 1000 --watch 20 --flips 200 --stay-away 0 --tolerance 1.5s --duration 3s",
            async load =>
            {
                await load.SaysAsync("(1 of 1)");
                server.Pause();
                await Task.Delay(s_pause);
                server.Continue();
            });

        run.AssertRight("restart");
        Assert.Equal((1_000, 20_000), (run.Number("connections", "up"), run.Number("states", "compared")));
        Assert.Equal((0, 0), (run.Number("seen", "transitions"), run.Number("seen", "false_offlines")));
    }

    [Fact]
    public async Task On_a_disk_that_fills_up_what_was_acknowledged_stays_and_acks_come_again_when_there_is_room()
    {
        using var disk = Tmpfs.TryMount(megabytes: 64, out string why);
        Assert.SkipWhen(disk is null, why);
        await using RestartedServer server = await RestartedServer.StartAsync(
            [.. s_shortTimes, "Presence:Journal:Retention=00:01:00", "Presence:Journal:MaxBytes=16MiB"], disk.Path);
        RunOutput run = await RunOutput.OfAsync(
            server.Current,
            "restart --connections 500 --watch 20 --flips 500 --stay-away 0.2 --tolerance 1.5s --duration 25s",
            async load =>
            {
                await load.SaysAsync("  load  ");
                disk.Fill();
                await server.Current.HasAsync("journal", "degraded");
                disk.Free();
                await server.Current.HasAsync("journal", "ok");
                await load.SaysAsync("(1 of 1)");
                await server.KillAndStartAsync();
            });

        // All but the one complaint is as if the disk had never been full.
        long refused = run.Of("connections", "errors").GetProperty("unavailable").GetInt64();
        Assert.True(refused > 0);
        Assert.Equal(
            [$"the server answered {refused} times with Error unavailable"],
            run.Report.GetProperty("wrong").EnumerateArray().Select(static wrong => wrong.GetString()!));
        Assert.Equal((400, 8_000), (run.Number("connections", "up"), run.Number("states", "compared") + run.Number("leavers", "views")));
    }

    [Fact]
    public async Task A_server_that_comes_back_without_its_data_ends_with_1()
    {
        await using ServerProcess server = await ServerProcess.StartAsync([.. s_shortTimes, $"Presence:Listen:Tcp={LoopbackPorts.Free()}"]);
        ServerProcess? empty = null;
        try
        {
            RunOutput run = await RunOutput.OfAsync(
                server,
                "restart --connections 20 --watch 5 --flips 0 --stay-away 0 --tolerance 1.5s --duration 1s",
                async load =>
                {
                    await load.SaysAsync("(1 of 1)");
                    await server.KillAsync();
                    Directory.Delete(Path.Combine(server.DataDirectory, "journal"), recursive: true);
                    Directory.Delete(Path.Combine(server.DataDirectory, "last-active"), recursive: true);
                    empty = await server.AgainAsync();
                });

            run.AssertWrong("was told that user");
            Assert.True(run.Number("seen", "transitions") + run.Number("seen", "false_offlines") > 0);
        }
        finally
        {
            await (empty?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    /// <summary>Run by <c>tests/faults.sh</c>: a minute and a half, 10,000 descriptors in each of two processes.</summary>
    [Fact(Explicit = true)]
    public async Task Ten_thousand_clients_outlive_the_kill_of_their_server()
    {
        await using RestartedServer server = await RestartedServer.StartAsync(["Presence:Limits:StatusChanges=0"]);
        using var load = LoadClientProcess.Start(
            "restart", "--connections", "10000", "--watch", "20", "--flips", "500", "--stay-away", "0.1", "--duration", "10s",
            "--server", server.Current.Tcp.ToString(), "--data-directory", server.Current.DataDirectory);
        await load.SaysAsync("(1 of 1)");
        await server.KillAndStartAsync();
        (int code, string table, string errors) = await load.EndAsync();
        output.WriteLine(table);
        Assert.True(code == 0, errors);
    }
}
