using System.Globalization;
using Presence.LoadClient.Measuring;
using Spectre.Console;

namespace Presence.LoadClient.Reports;

/// <summary>A report for people, on standard output.</summary>
internal static class SummaryTable
{
    public static void Print(FriendsReport report)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumn("friends").AddColumn(new TableColumn(report.Server).RightAligned());
        AddConnections(table, report.Connections);
        table.AddRow("watches each", Text($"{report.WatchesEach}"));
        table.AddRow("flips (asked/s · sent/s · sent)", Text(
            $"{report.Flips.AskedPerSecond:0.#} · {report.Flips.Sent / report.Seconds:0.#} · {report.Flips.Sent}"));
        table.AddRow("deliveries (received · overtaken)", Text(
            $"{report.Deliveries.Received} · {report.Deliveries.Expected - report.Deliveries.Received}"));
        AddLatency(table, "latency ms", report.LatencyMs);
        AddLatency(table, "sent late by ms", report.Flips.LatenessMs);
        table.AddRow("heartbeats (sent · acked)", Text($"{report.Heartbeats.Sent} · {report.Heartbeats.Acked}"));
        table.AddRow("views (compared · wrong)", Text($"{report.States.Compared} · {report.States.Wrong}"));
        AnsiConsole.Write(table);
        Explain(report);
    }

    private static void AddConnections(Table table, ConnectionFigures figures)
    {
        table.AddRow("connections (asked · up at the end)", Text($"{figures.Asked} · {figures.Up}"));
        table.AddRow("ramp", Text($"{figures.RampSeconds:0.0} s"));
        AddCounts(table, "failed", figures.Failed);
        AddCounts(table, "lost", figures.Lost);
        AddCounts(table, "error", figures.Errors);
    }

    private static void AddCounts(Table table, string what, IReadOnlyDictionary<string, long> counts)
    {
        foreach ((string reason, long count) in counts)
        {
            table.AddRow($"{what}: {reason}", Text($"{count}"));
        }
    }

    private static void AddLatency(Table table, string name, LatencySummary summary) =>
        table.AddRow($"{name} (p50 · p90 · p99 · p99.9 · max)", Text(
            $"{summary.P50:0.00} · {summary.P90:0.00} · {summary.P99:0.00} · {summary.P999:0.00} · {summary.Max:0.00}"));

    private static void Explain(FriendsReport report)
    {
        foreach (WrongView wrong in report.States.First)
        {
            Console.Error.WriteLine($"wrong: user {wrong.Watcher} sees user {wrong.User} as {wrong.Sees}; it is {wrong.Truth}");
        }

        if (report.Connections.Up < report.Connections.Asked)
        {
            int down = report.Connections.Asked - report.Connections.Up;
            Console.Error.WriteLine($"wrong: {down} of {report.Connections.Asked} connections are not up at the end");
        }

        if (report.Flips.Unanswered > 0)
        {
            Console.Error.WriteLine($"wrong: {report.Flips.Unanswered} flips were neither acked nor refused");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
