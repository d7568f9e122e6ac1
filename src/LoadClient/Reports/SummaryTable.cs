using Spectre.Console;

namespace Presence.LoadClient.Reports;

/// <summary>A report for people, on standard output; what was wrong goes to standard error.</summary>
internal static class SummaryTable
{
    public static void Print(RunReport report)
    {
        Table table = new Table().Border(TableBorder.Rounded)
            .AddColumn(report.Scenario).AddColumn(new TableColumn(Markup.Escape(report.Run.Server)).RightAligned());
        foreach (SummaryRow row in report.Rows())
        {
            string budget = row.Budget is { } asked ? $" ({asked}: {(row.IsMet ? "met" : "missed")})" : "";
            table.AddRow(Markup.Escape(row.Name), Markup.Escape(row.Value + budget));
        }

        AnsiConsole.Write(table);
    }

    /// <summary>Why the run ends with 1, a line each.</summary>
    public static void Explain(RunReport report)
    {
        foreach (string wrong in report.Wrong)
        {
            Console.Error.WriteLine($"wrong: {wrong}");
        }
    }
}
