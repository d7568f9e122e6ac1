using System.Globalization;
using Spectre.Console;

namespace Presence.LoadClient.Reports;

/// <summary>
/// Shows a run on standard error while it goes: a table that changes in place on a terminal, a line now and then elsewhere.
/// </summary>
internal sealed class LiveProgress(ProgressFeed feed, TimeProvider time)
{
    private static readonly TimeSpan _between = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _betweenLines = TimeSpan.FromSeconds(5);

    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
    private readonly long _start = time.GetTimestamp();

    /// <summary>Shows until the run ends.</summary>
    public async Task ShowAsync(Task run)
    {
        if (_console.Profile.Out.IsTerminal)
        {
            await _console.Live(Render(null, null)).StartAsync(context => RefreshAsync(context, run));
        }
        else
        {
            await PrintAsync(run);
        }

        if (feed.Warning is { } warning)
        {
            await Console.Error.WriteLineAsync($"note: {warning}");
        }
    }

    private async Task RefreshAsync(LiveDisplayContext context, Task run)
    {
        ProgressSnapshot? before = null;
        while (!await EndsWithinAsync(run, _between))
        {
            ProgressSnapshot? now = feed.Latest;
            context.UpdateTarget(Render(before, now));
            before = now;
        }
    }

    private async Task PrintAsync(Task run)
    {
        while (!await EndsWithinAsync(run, _betweenLines))
        {
            if (feed.Latest is { } now)
            {
                await Console.Error.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Elapsed():0} s  {feed.Phase}  {now.Up} up, {now.Failed} failed, {now.Flips} flips, "
                    + $"{now.Deliveries} deliveries, p99 {now.Latency.P99:0.0} ms"));
            }
        }
    }

    // Whether it fails is the caller's to see.
    private async Task<bool> EndsWithinAsync(Task run, TimeSpan wait) =>
        await Task.WhenAny(run, Task.Delay(wait, time)) == run;

    private double Elapsed() => time.GetElapsedTime(_start).TotalSeconds;

    private Table Render(ProgressSnapshot? before, ProgressSnapshot? now)
    {
        Table table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumn("").AddColumn(new TableColumn("").RightAligned());
        now ??= new ProgressSnapshot(0, 0, 0, 0, 0, default);
        before ??= now;
        table.AddRow(feed.Phase, Text($"{Elapsed():0} s"));
        table.AddRow("connections up · failed", Text($"{now.Up} · {now.Failed}"));
        table.AddRow("flips/s", Text($"{(now.Flips - before.Flips) / _between.TotalSeconds:0}"));
        table.AddRow("deliveries/s", Text($"{(now.Deliveries - before.Deliveries) / _between.TotalSeconds:0}"));
        table.AddRow("heartbeats/s", Text($"{(now.Heartbeats - before.Heartbeats) / _between.TotalSeconds:0}"));
        table.AddRow("p50 · p99 · max ms", Text($"{now.Latency.P50:0.0} · {now.Latency.P99:0.0} · {now.Latency.Max:0.0}"));
        return table;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
