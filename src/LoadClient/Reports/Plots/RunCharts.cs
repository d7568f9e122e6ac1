using Presence.LoadClient.Measuring;
using Presence.LoadClient.Series;

namespace Presence.LoadClient.Reports.Plots;

/// <summary>The charts of a report, in the order in which they are read.</summary>
internal static class RunCharts
{
    private const string Blue = "#2563eb";
    private const string Orange = "#ea580c";
    private const double MiB = 1 << 20;
    private const double GiB = 1 << 30;

    /// <summary>Beyond five nines nobody runs long enough.</summary>
    private const int MostNines = 5;

    public static IReadOnlyList<Chart> Of(RunReport report)
    {
        var time = new TimeCharts(report.Series);
        return
        [
            time.Draw("sessions", "Sessions up", "sessions", ("sessions up", Blue, static sample => sample.SessionsUp)),
            time.Draw("heartbeats", "Heartbeats", "heartbeats/s", ("heartbeats sent", Blue, static sample => sample.HeartbeatsPerSecond)),
            time.Draw(
                "traffic", "Changes and deliveries", "per second",
                ("changes", Blue, static sample => sample.ChangesPerSecond),
                ("deliveries", Orange, static sample => sample.DeliveriesPerSecond)),
            time.Draw("reads", "Reads", "users/s", ("users read", Blue, static sample => sample.ReadsPerSecond)),
            time.DrawLog(
                "latency", "Latency over time", "latency, ms",
                ("p50 of each second", Blue, static sample => sample.P50Ms), ("p99 of each second", Orange, static sample => sample.P99Ms)),
            Distribution(report),
            Memory(time, report.Series),
            time.Draw(
                "cpu", "CPU", "cores busy",
                ("server", Blue, static sample => sample.ServerCores), ("generator", Orange, static sample => sample.GeneratorCores)),
        ];
    }

    private static Chart Memory(TimeCharts time, IReadOnlyList<Sample> series)
    {
        bool isLarge = series.Any(static sample => sample.ServerRssBytes > 4 * GiB);
        (string unit, double bytes) = isLarge ? ("GiB", GiB) : ("MiB", MiB);
        Chart chart = time.Draw(
            "memory", "Server memory", $"memory, {unit}",
            ("resident", Blue, sample => sample.ServerRssBytes / bytes),
            ("managed heap", Orange, sample => sample.ServerManagedHeapBytes / bytes));
        return chart.Absent is null ? chart : chart with { Absent = "not known: the server is not on this machine" };
    }

    private static Chart Distribution(RunReport report)
    {
        IReadOnlyList<PercentilePoint> points = report.LatencyPercentiles;
        int nines = Math.Clamp((int)Math.Floor(Math.Log10(Math.Max(report.LatencyMs.Count, 10))), 1, MostNines);
        return new Chart(
            "percentiles",
            "Latency distribution",
            AxisScale.Percentiles(nines),
            AxisScale.Log("latency, ms", points.Count > 0 ? points[0].Ms : 1, report.LatencyMs.Max),
            points.Count > 0 ? [new Line("latency that so many stay within", Blue, [.. points.Select(static point => (point.Percentile, point.Ms))])] : [],
            [],
            points.Count > 0 ? null : "nothing was measured");
    }
}
