using System.Globalization;
using System.Text;
using Presence.Scenarios.Rows;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Results;

/// <summary>Writes perf/RESULTS.md: each line with its limit from the same runs.</summary>
internal static class ResultsFile
{
    public static string Path { get; } = System.IO.Path.Combine(Repository.Root, "perf", "RESULTS.md");

    /// <param name="runs">The figures of each run, all with the same lines.</param>
    public static string Render(IReadOnlyList<IRow> rows, IReadOnlyList<IReadOnlyList<Figure>> runs, Provenance provenance)
    {
        var text = new StringBuilder();
        text.AppendLine("# Results").AppendLine();
        text.AppendLine(Text($"`{provenance.Command}`, {runs.Count} runs: median (min – max)."));
        text.AppendLine("A ratio is ours by the limit's of the same run, both measured by turns on the same machine.");
        text.AppendLine(Text($"Commit {provenance.Commit}, {provenance.Date:yyyy-MM-dd}, {provenance.Cpu}, {provenance.Runtime}."));
        text.AppendLine(Text($"Server and generator share {provenance.Cores} cores."));
        text.AppendLine().AppendLine("| what | ours | limit | ratio | budget | |").AppendLine("|---|---|---|---|---|---|");
        for (int i = 0; i < runs[0].Count; i++)
        {
            text.AppendLine(Row(runs[0][i].Line, [.. runs.Select(run => run[i])]));
        }

        string[] misses = [.. Enumerable.Range(0, runs[0].Count).Select(i => Miss([.. runs.Select(run => run[i])])).OfType<string>()];
        if (misses.Length > 0)
        {
            text.AppendLine().AppendLine("What misses, and where the time goes:").AppendLine().AppendJoin(Environment.NewLine, misses).AppendLine();
        }

        text.AppendLine().AppendLine("## How").AppendLine();
        foreach (IRow row in rows)
        {
            text.AppendLine(Text($"* **{row.Name}**: {row.Method}"));
        }

        return text.ToString();
    }

    /// <summary>Writes one part of the file anew.</summary>
    /// <param name="heading">Of the part.</param>
    /// <param name="body">Below the heading.</param>
    public static void Replace(string heading, string body) =>
        File.WriteAllText(Path, Sections.Replace(File.ReadAllText(Path), heading, body));

    private static string Row(Line line, Figure[] figures)
    {
        var ours = Spread.Of(figures.Select(static figure => figure.Ours));
        var limit = Spread.Of(figures.Select(static figure => figure.Limit));
        var ratio = Spread.Of(figures.Select(static figure => figure.Ratio));
        string verdict = line.Budget == Budget.Shown ? "" : line.Budget.IsMet(ours.Median, ratio.Median) ? "met" : "**missed**";
        string name = $"{line.Name} ({line.Unit})";
        return Text($"| {name} | {ours:N0} | {limit:N0}, {line.Limit} | {ratio:0.00} | {line.Budget.Text} | {verdict} |");
    }

    private static string? Miss(Figure[] figures)
    {
        Line line = figures[0].Line;
        double ours = Spread.Of(figures.Select(static figure => figure.Ours)).Median;
        double ratio = Spread.Of(figures.Select(static figure => figure.Ratio)).Median;
        string[] parts =
        [
            .. line.Reason is { } reason ? [reason] : Array.Empty<string>(),
            .. figures[^1].Profile is { } profile ? [$"The server's CPU time in the last run: {profile}."] : Array.Empty<string>(),
        ];
        return line.Budget.IsMet(ours, ratio) ? null : Text($"* **{line.Name}** ({line.Budget.Text}): {(parts.Length > 0 ? string.Join(" ", parts) : "not explained yet.")}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
