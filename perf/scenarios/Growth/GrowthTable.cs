using System.Globalization;
using System.Text;
using Presence.Scenarios.Results;

namespace Presence.Scenarios.Growth;

/// <summary>What a unit of the work costs the more of it there is, each row beside the first of its group.</summary>
/// <param name="Size">Name of the first column.</param>
/// <param name="Costs">Names of the columns of costs.</param>
/// <param name="Shown">Names of the others.</param>
/// <param name="Method">What was done, in a few sentences for the reader.</param>
internal sealed record GrowthTable(string Size, IReadOnlyList<string> Costs, IReadOnlyList<string> Shown, string Method)
{
    private const double LeastFlat = 0.8;
    private const double MostFlat = 1.2;

    /// <param name="groups">The first row of each group is what the others of it stand beside.</param>
    public string Render(IEnumerable<IReadOnlyList<GrowthRow>> groups, Provenance provenance)
    {
        var text = new StringBuilder();
        text.AppendLine(Text($"`{provenance.Command}`: commit {provenance.Commit}, {provenance.Date:yyyy-MM-dd}, {provenance.Cpu}."));
        text.AppendLine(Method);
        text.AppendLine(Text($"In brackets: by the first row's. Flat is {LeastFlat} to {MostFlat}; what is not is in bold."));
        string[] columns = [Size, .. Costs, .. Shown];
        text.AppendLine().AppendLine($"| {string.Join(" | ", columns)} |");
        text.AppendLine($"|{string.Concat(columns.Select(static _ => "---|"))}");
        List<string> reasons = [];
        foreach (IReadOnlyList<GrowthRow> group in groups)
        {
            foreach (GrowthRow row in group)
            {
                double[] ratios = [.. row.Costs.Zip(group[0].Costs, static (cost, first) => cost / first)];
                text.AppendLine($"| {string.Join(" | ", [row.Size, .. row.Costs.Zip(ratios, Cell), .. row.Shown])} |");
                if (!ratios.All(IsFlat))
                {
                    reasons.Add($"* {row.Size}: {row.Reason ?? "not flat, and not explained yet."}");
                }
            }
        }

        return (reasons.Count > 0 ? text.AppendLine().AppendJoin(Environment.NewLine, reasons) : text).ToString();
    }

    private static string Cell(double cost, double ratio) =>
        Text(IsFlat(ratio) ? $"{Short(cost)} ({ratio:0.00})" : (FormattableString)$"{Short(cost)} (**{ratio:0.00}**)");

    private static bool IsFlat(double ratio) => ratio is >= LeastFlat and <= MostFlat;

    private static string Short(double cost) => cost.ToString(cost < 1 ? "0.000" : cost < 100 ? "0.0" : "#,0", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
