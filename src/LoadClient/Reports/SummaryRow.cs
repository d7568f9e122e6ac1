using System.Globalization;
using Presence.LoadClient.Measuring;

namespace Presence.LoadClient.Reports;

/// <summary>A line of a summary: a name with its unit, and the figure as text.</summary>
internal readonly record struct SummaryRow(string Name, string Value)
{
    /// <summary>Figures are written alike whatever the language of the machine.</summary>
    public static SummaryRow Of(string name, FormattableString value) => new(name, value.ToString(CultureInfo.InvariantCulture));

    /// <param name="name">Says that it is in milliseconds.</param>
    public static SummaryRow OfLatency(string name, LatencySummary ms) => Of(
        $"{name} (p50 · p90 · p99 · p99.9 · max)", $"{Ms(ms.P50)} · {Ms(ms.P90)} · {Ms(ms.P99)} · {Ms(ms.P999)} · {Ms(ms.Max)}");

    /// <summary>One row a reason.</summary>
    public static IEnumerable<SummaryRow> OfCounts(string what, IReadOnlyDictionary<string, long> counts) =>
        counts.Select(count => Of($"{what}: {count.Key}", $"{count.Value}"));

    // The histogram tells three digits apart.
    private static string Ms(double value) =>
        value.ToString(value >= 99.95 ? "0" : value >= 9.995 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
