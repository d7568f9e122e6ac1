using System.Text.Json;

namespace Presence.Scenarios.Loads;

/// <summary>What LoadClient said of a run.</summary>
/// <param name="Report">Its JSON.</param>
internal sealed record LoadReport(JsonElement Report)
{
    private const double MiB = 1 << 20;

    /// <summary>Medians under attack, in MiB; null: the run was too short to tell.</summary>
    public (double Early, double Late)? Memory => Report.GetProperty("memory") is { ValueKind: JsonValueKind.Object } memory
        ? (memory.GetProperty("early_bytes").GetDouble() / MiB, memory.GetProperty("late_bytes").GetDouble() / MiB)
        : null;

    /// <summary>Connections of attackers.</summary>
    public long Opened => Report.GetProperty("attacks").EnumerateArray().Sum(static attack => attack.GetProperty("opened").GetInt64());

    private IEnumerable<JsonElement> Samples => Report.GetProperty("series").EnumerateArray();

    public double Number(string part, string name) => Report.GetProperty(part).GetProperty(name).GetDouble();

    /// <summary>p99 in ms of how late flips were sent.</summary>
    public double Lateness(string flips) => Report.GetProperty(flips).GetProperty("lateness_ms").GetProperty("p99").GetDouble();

    /// <summary>Of the first storm.</summary>
    public double Storm(string name) => Report.GetProperty("storms")[0].GetProperty(name).GetDouble();

    /// <summary>Tries of those who mean well that failed for a reason.</summary>
    public long Failed(string reason) =>
        Report.GetProperty("connections").GetProperty("failed").TryGetProperty(reason, out JsonElement count) ? count.GetInt64() : 0;

    public double MostRssMiB() => Samples.Max(Rss) / MiB;

    /// <param name="phase">Its first time, if it comes again.</param>
    public double MedianRssMiB(string phase)
    {
        double[] sorted = [.. Samples.SkipWhile(sample => !IsOf(sample, phase)).TakeWhile(sample => IsOf(sample, phase)).Select(Rss).Order()];
        return sorted[sorted.Length / 2] / MiB;
    }

    public double MeanCores(string phase) => Samples.Where(sample => IsOf(sample, phase)).Average(static sample => sample.GetProperty("server_cores").GetDouble());

    private static bool IsOf(JsonElement sample, string phase) => sample.GetProperty("phase").GetString() == phase;

    private static double Rss(JsonElement sample) => sample.GetProperty("server_rss_bytes").GetDouble();
}
