using System.Globalization;
using Presence.LoadClient.Measuring;

namespace Presence.LoadClient.Reports;

/// <summary>A line of a summary: a name with its unit, and the figure as text.</summary>
/// <param name="Budget">What the figure is to be; null: nothing is asked of it.</param>
/// <param name="IsMet">It is so.</param>
internal readonly record struct SummaryRow(string Name, string Value, string? Budget = null, bool IsMet = true)
{
    /// <summary>Figures are written alike whatever the language of the machine: whole ones in groups of three digits.</summary>
    public static SummaryRow Of(string name, FormattableString value) => new(name, value.ToString(GroupedNumbers.Format));

    public SummaryRow Within(FormattableString budget, bool isMet) =>
        this with { Budget = budget.ToString(CultureInfo.InvariantCulture), IsMet = isMet };

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
