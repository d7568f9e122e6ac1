using System.Diagnostics;
using Presence.LoadClient.Tests.Scenarios;
using Xunit;

namespace Presence.LoadClient.Tests.Faults;

/// <summary>
/// Three real nodes with addresses of their own behind a real load balancer, under 3,000 clients, and what happens to machines. Beside no other test, because nodes judge each other by the second.
/// </summary>
[CollectionDefinition(nameof(LocalClusterTests), DisableParallelization = true)]
[Collection(nameof(LocalClusterTests))]
public sealed class LocalClusterTests(LocalCluster cluster, ITestOutputHelper output) : IClassFixture<LocalCluster>
{
    private const int Users = 3_000;
    private const int Watches = 20;

    // Beyond the five seconds after which a silent node is declared dead.
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(7);

    private static readonly TimeSpan s_withoutRedis = TimeSpan.FromSeconds(3);

    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>A minute, beside nothing else: `./test.sh` asks for it when all others are through.</summary>
    [Fact(Explicit = true)]
    public async Task Whatever_node_fails_who_comes_back_in_time_was_seen_to_go_by_nobody_and_who_stays_away_is_by_all()
    {
        Assert.SkipWhen(cluster.Missing is not null, cluster.Missing ?? "");
        RunOutput run = await RunOutput.OfAsync(
            FormattableString.Invariant($"nodes --connections {Users} --watch {Watches} --flips 200 --stay-away 0.05 --tolerance 2.5s --until-told"),
            async load =>
            {
                await load.SaysAsync("now: let nodes fail");
                await LetFailAsync();
                await load.PressEnterAsync();
            },
            "--server", cluster.Address, "--key-file", cluster.KeyFile);

        string told = run.Errors + run.Report;
        Assert.True(run.Number("comebacks", "seen_to_go") == 0, told);
        // Of the others a third was lost to each of the first three faults, and all in the rolling restart.
        Assert.InRange(run.Number("comebacks", "losses"), Users, long.MaxValue);
        int left = (int)run.Number("leavers", "count");
        Assert.InRange(left, 1, Users / 20);
        Assert.Equal((Users - left, Users - left), (run.Number("connections", "asked"), run.Number("connections", "up")));
        Assert.InRange(run.Number("leavers", "views"), left, left * Users);
        Assert.True(run.Number("leavers", "still_shown") == 0, told);
        Assert.InRange(run.Number("states", "compared"), 1, Users * Watches);
        Assert.True(run.Number("states", "wrong") == 0, told);
    }

    private async Task LetFailAsync()
    {
        await DoAsync("kill 2");
        await DoAsync("start 2");
        await DoAsync("pause 3", s_silence, "continue 3");
        await DoAsync("cut 1", s_silence, "heal 1");
        for (int node = 1; node <= LocalCluster.Nodes; node++)
        {
            await DoAsync(FormattableString.Invariant($"restart {node}"));
        }

        await DoAsync("redis stop", s_withoutRedis, "redis start");
    }

    private async Task DoAsync(string fault, TimeSpan lasts, string end)
    {
        await DoAsync(fault);
        // The fault is that it lasts.
        await Task.Delay(lasts);
        await DoAsync(end);
        await DoAsync("wait");
    }

    private async Task DoAsync(string command)
    {
        output.WriteLine($"{Stopwatch.GetElapsedTime(_start).TotalSeconds:0.0} s: {command}");
        await cluster.DoAsync(command);
    }
}
