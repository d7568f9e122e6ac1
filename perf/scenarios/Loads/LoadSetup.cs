using Presence.Scenarios.Results;

namespace Presence.Scenarios.Loads;

/// <summary>One run of LoadClient against a server with the limits that it comes with.</summary>
/// <param name="Name">By which it is run alone.</param>
/// <param name="Heading">Of its part of the results.</param>
/// <param name="Scenario">Of LoadClient.</param>
/// <param name="Options">Of the scenario, by name; what is given on the command line replaces them.</param>
/// <param name="Rows">From the report of the generator to what is asked.</param>
/// <param name="Reason">What is known of why it misses its budget where it does; shown only then.</param>
internal sealed record LoadSetup(
    string Name, string Heading, string Scenario, IReadOnlyDictionary<string, string> Options, Func<LoadReport, IEnumerable<ResultRow>> Rows, string Reason = "")
{
    /// <summary>Of memory, beside what it is without a storm.</summary>
    private const double MostPeak = 1.5;

    public static IReadOnlyList<LoadSetup> All { get; } =
    [
        new("storm", "A storm of reconnects", "storm", Of("--connections 15000 --watch 20 --watchers 200 --storms 1 --duration 40s"), Storm),
        new("hostile", "Hostile clients", "hostile", Of("--connections 5000 --watch 20 --flips 500 --share 0.05 --calm 1m --duration 20m"), Hostile,
            "Memory: see the plot whether it still rises. p99: all three threads that work share two cores with the server's."),
        new("silent", "Ten thousand who only wait", "hostile",
            Of("--connections 2000 --watch 20 --flips 200 --share 0.8334 --attacks silence,drip --calm 30s --duration 1m"), Hostile,
            "p99: collections, one every 2.6 s, stop all threads for 13 to 28 ms (`dotnet.gc.pause.time`, 2026-11-29): of 1,650 connections a second, each of which allocates 1.8 KB and lives for ten seconds, everything survives and is moved. The other 99 % are not slower."),
    ];

    private static Dictionary<string, string> Of(string options) =>
        options.Split(' ').Chunk(2).ToDictionary(static pair => pair[0], static pair => pair[1]);

    private static IEnumerable<ResultRow> Storm(LoadReport report)
    {
        double steady = report.MedianRssMiB("quiet"), peak = report.MostRssMiB();
        yield return ResultRow.Of("all back after", $"{report.Storm("back_seconds"):0.00} s, {report.Storm("handshakes_per_second"):N0} handshakes/s");
        yield return ResultRow.Of("told when to come back", $"{report.Number("connections", "paced"):N0} times");
        yield return ResultRow.Asked("shown offline before the hold was over", $"{report.Number("absences", "false_offlines"):N0}", "0", report.Number("absences", "false_offlines") == 0);
        yield return ResultRow.Asked("back within the hold, not resumed", $"{report.Number("absences", "not_resumed"):N0}", "0", report.Number("absences", "not_resumed") == 0);
        yield return ResultRow.Asked("handshakes timed out", $"{report.Failed("handshake_timeout") + report.Failed("not_up_in_time"):N0}", "0", report.Failed("handshake_timeout") + report.Failed("not_up_in_time") == 0);
        yield return ResultRow.Asked(
            "server RSS, most by steady", $"{peak:0} MiB, {peak / steady:0.00} × {steady:0} MiB", $"≤ {MostPeak} ×", peak <= MostPeak * steady);
    }

    private static IEnumerable<ResultRow> Hostile(LoadReport report)
    {
        double calm = report.Number("calm_latency_ms", "p99"), attacked = report.Number("latency_ms", "p99");
        yield return ResultRow.Of("change → watcher without them, p50 · p99", $"{report.Number("calm_latency_ms", "p50"):0.0} · {calm:0.0} ms");
        yield return ResultRow.Of("beside them", $"{report.Number("latency_ms", "p50"):0.0} · {attacked:0.0} ms");
        yield return ResultRow.Asked("p99 by p99", $"{attacked / calm:0.00} ×", "≤ 2 ×", attacked <= 2 * calm);
        yield return ResultRow.Of("of both, what the generator sent late, p99", $"{report.Lateness("calm_flips"):0.0} · {report.Lateness("flips"):0.0} ms");
        if (report.Memory is { } memory)
        {
            yield return ResultRow.Asked(
                "server RSS at half time · at the end of the attack", $"{memory.Early:0} · {memory.Late:0} MiB", "≤ 5 % more",
                memory.Late <= 1.05 * memory.Early);
        }

        yield return ResultRow.Of("attackers at a time · connections they opened", $"{report.Report.GetProperty("attackers").GetInt64():N0} · {report.Opened:N0}");
        yield return ResultRow.Of("server cores, without · beside them", $"{report.MeanCores("calm"):0.00} · {report.MeanCores("attack"):0.00}");
    }
}
