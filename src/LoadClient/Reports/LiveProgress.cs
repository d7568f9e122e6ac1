using System.Globalization;
using Presence.LoadClient.Series;
using Spectre.Console;

namespace Presence.LoadClient.Reports;

/// <summary>
/// Shows a run on standard error while it goes: a table that changes in place on a terminal, a line now and then elsewhere.
/// </summary>
internal sealed class LiveProgress(ProgressFeed feed, TimeProvider time)
{
    private const double MiB = 1 << 20;

    private static readonly TimeSpan _between = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _betweenLines = TimeSpan.FromSeconds(5);

    /// <summary>How soon a request is on standard error where there is no terminal: a script may wait for it.</summary>
    private static readonly TimeSpan _betweenRequests = TimeSpan.FromMilliseconds(100);

    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
    private readonly long _start = time.GetTimestamp();

    /// <summary>Shows until the run ends.</summary>
    public async Task ShowAsync(Task run)
    {
        if (_console.Profile.Out.IsTerminal)
        {
            await _console.Live(Render(feed.Latest)).StartAsync(context => RefreshAsync(context, run));
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
        while (!await EndsWithinAsync(run, _between))
        {
            context.UpdateTarget(Render(feed.Latest));
        }
    }

    private async Task PrintAsync(Task run)
    {
        Task requests = PrintRequestsAsync(run);
        while (!await EndsWithinAsync(run, _betweenLines))
        {
            if (feed.Latest is { } now)
            {
                await Console.Error.WriteLineAsync($"{Elapsed()}  {feed.Phase}  {string.Join("; ", Words(now))}");
            }
        }

        await requests;
    }

    private async Task PrintRequestsAsync(Task run)
    {
        string? printed = null;
        while (!await EndsWithinAsync(run, _betweenRequests))
        {
            if (feed.Request is { } request && request != printed)
            {
                await Console.Error.WriteLineAsync($"{Elapsed()}  now: {request}");
                printed = request;
            }
        }
    }

    // Whether it fails is the caller's to see.
    private async Task<bool> EndsWithinAsync(Task run, TimeSpan wait) =>
        await Task.WhenAny(run, Task.Delay(wait, time)) == run;

    private string Elapsed() => Text($"{time.GetElapsedTime(_start).TotalSeconds:0} s");

    private Table Render(ProgressSnapshot? now)
    {
        Table table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumn("").AddColumn(new TableColumn("").RightAligned());
        table.AddRow(feed.Phase, Elapsed());
        if (feed.Request is { } request)
        {
            table.AddRow("now", request);
        }

        foreach (SummaryRow row in now is null ? [] : Rows(now))
        {
            table.AddRow(row.Name, row.Value);
        }

        return table;
    }

    private static IEnumerable<string> Words(ProgressSnapshot now) =>
        Rows(now).Where(static row => row.Value != "0").Select(static row => $"{row.Name} {row.Value}");

    private static IEnumerable<SummaryRow> Rows(ProgressSnapshot now)
    {
        Sample sample = now.Latest;
        if (now.Trouble is { } trouble)
        {
            yield return SummaryRow.Of("trouble", $"{trouble}");
        }

        yield return SummaryRow.Of("up", $"{sample.SessionsUp}");
        yield return SummaryRow.Of("failed", $"{sample.Failures}");
        yield return SummaryRow.Of("changes/s", $"{sample.ChangesPerSecond:0}");
        yield return SummaryRow.Of("deliveries/s", $"{sample.DeliveriesPerSecond:0}");
        yield return SummaryRow.Of("reads/s", $"{sample.ReadsPerSecond:0}");
        yield return SummaryRow.Of("heartbeats/s", $"{sample.HeartbeatsPerSecond:0}");
        yield return SummaryRow.Of("p50 · p99 · max ms", $"{now.Latency.P50:0.0} · {now.Latency.P99:0.0} · {now.Latency.Max:0.0}");
        if (sample.ServerCores is { } cores)
        {
            yield return SummaryRow.Of("server cores · MiB", $"{cores:0.00} · {sample.ServerRssBytes / MiB:0}");
        }

        yield return SummaryRow.Of("generator cores", $"{sample.GeneratorCores:0.00}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
