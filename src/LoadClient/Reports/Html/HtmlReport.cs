using System.Globalization;
using System.Net;
using System.Text;
using Presence.LoadClient.Reports.Plots;

namespace Presence.LoadClient.Reports.Html;

/// <summary>A report for people who were not there: one file that needs no other, to be opened in any browser.</summary>
internal static class HtmlReport
{
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, RunReport report) => File.WriteAllText(path, Render(report));

    /// <returns>The whole page.</returns>
    public static string Render(RunReport report)
    {
        var page = new StringBuilder();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append($"<title>Presence load: {Escape(report.Scenario)}</title>\n<style>{PageStyle.Css}</style>\n</head>\n<body>\n<main>\n");
        AppendHeading(page, report);
        AppendTables(page, report);
        page.Append("<section class=\"charts\">\n");
        foreach (Chart chart in RunCharts.Of(report))
        {
            AppendChart(page, chart);
        }

        return page.Append("</section>\n</main>\n</body>\n</html>\n").ToString();
    }

    private static void AppendHeading(StringBuilder page, RunReport report)
    {
        string verdict = report.IsRight ? "<b class=\"right\">right</b>" : "<b class=\"wrong\">wrong</b>";
        page.Append($"<h1>Presence load: {Escape(report.Scenario)} {verdict}</h1>\n<pre>{Escape(report.Run.CommandLine)}</pre>\n");
        if (!report.IsRight)
        {
            page.Append("<ul class=\"faults\">\n");
            foreach (string wrong in report.Wrong)
            {
                page.Append($"<li>{Escape(wrong)}</li>\n");
            }

            page.Append("</ul>\n");
        }
    }

    private static void AppendTables(StringBuilder page, RunReport report)
    {
        page.Append("<section class=\"tables\">\n");
        AppendTable(page, "Summary", report.Rows());
        AppendTable(page, "Run", RunRows(report));
        page.Append("</section>\n");
    }

    private static IEnumerable<SummaryRow> RunRows(RunReport report)
    {
        RunInfo run = report.Run;
        yield return new SummaryRow("started", run.Started.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture));
        yield return SummaryRow.Of("measured", $"{report.Seconds:0.0} s");
        yield return new SummaryRow("seed", report.Seed.ToString(CultureInfo.InvariantCulture));
        yield return new SummaryRow("server", run.Server);
        yield return new SummaryRow("server version", run.ServerVersion ?? "not known: the server is not on this machine");
        yield return new SummaryRow("LoadClient version", run.GeneratorVersion);
        yield return new SummaryRow("machine", run.Machine);
        yield return new SummaryRow("latency is", report.LatencyMeaning);
    }

    private static void AppendTable(StringBuilder page, string title, IEnumerable<SummaryRow> rows)
    {
        page.Append($"<div><h2>{Escape(title)}</h2>\n<table>\n");
        foreach (SummaryRow row in rows)
        {
            page.Append($"<tr><th>{Escape(row.Name)}</th><td>{Escape(row.Value)}{BudgetOf(row)}</td></tr>\n");
        }

        page.Append("</table></div>\n");
    }

    private static string BudgetOf(SummaryRow row) => row.Budget is { } budget
        ? $"<small class=\"{(row.IsMet ? "met" : "missed")}\">{Escape(budget)} {(row.IsMet ? "met" : "missed")}</small>"
        : "";

    private static void AppendChart(StringBuilder page, Chart chart)
    {
        page.Append($"<figure id=\"{chart.Id}\">\n<figcaption><h2>{Escape(chart.Title)}</h2>");
        foreach (Line line in chart.Lines)
        {
            page.Append($"<span><i style=\"background:{line.Color}\"></i>{Escape(line.Name)}</span>");
        }

        page.Append("</figcaption>\n").Append(ChartDrawing.Draw(chart)).Append("\n</figure>\n");
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
