using System.Globalization;
using System.Text;
using System.Text.Json;
using Presence.Scenarios.Ramps;
using Presence.Scenarios.Results;
using Presence.Scenarios.Subjects;
using Presence.TestKit;

namespace Presence.Scenarios.Loads;

/// <summary>
/// <c>storm</c>, <c>hostile</c>, <c>silent</c>: LoadClient against a server with the limits that it comes with. Options of the scenario may follow; then nothing is written to the
/// results, as it is another run.
/// </summary>
internal static class LoadCommand
{
    public static IEnumerable<string> Names => LoadSetup.All.Select(static setup => setup.Name);

    public static bool IsOne(string[] args) => args is [var name, ..] && Names.Contains(name) && args.Length % 2 == 1;

    /// <returns>The exit code: 0 when the run was right.</returns>
    public static int Run(string[] args)
    {
        LoadSetup setup = LoadSetup.All.Single(setup => setup.Name == args[0]);
        Dictionary<string, string> given = RampCommand.OptionsOf(args, out string pages);
        var options = new Dictionary<string, string>(setup.Options);
        foreach ((string name, string value) in given)
        {
            options[name] = value;
        }

        string webSocket = $"{LoopbackPorts.Free()}";
        using Subject server = Subject.StartLimitedServer([$"Presence:Listen:WebSocket={webSocket}"]);
        if (setup.Name is "hostile")
        {
            options["--websocket"] = webSocket;
        }

        (JsonElement report, bool isRight) = LoadRun.Measure(server, setup.Scenario, options, Path.Combine(pages, $"{setup.Name}.html"));
        string body = Render(setup, options, new LoadReport(report), isRight, Provenance.Current($"perf/run.sh {string.Join(' ', args)}"));
        Console.WriteLine(body);
        if (given.Count == 0)
        {
            ResultsFile.Replace(setup.Heading, body);
        }

        return isRight ? 0 : 1;
    }

    private static string Render(LoadSetup setup, Dictionary<string, string> options, LoadReport report, bool isRight, Provenance provenance)
    {
        var text = new StringBuilder();
        text.AppendLine(Text($"`{provenance.Command}`: commit {provenance.Commit}, {provenance.Date:yyyy-MM-dd}, {provenance.Cpu},"));
        text.AppendLine(Text($"{provenance.Runtime}. Server and generator share {provenance.Cores} cores; the server has the limits and the budget of handshakes that it comes with."));
        text.AppendLine(Text($"`LoadClient {setup.Scenario} {string.Join(' ', options.Select(static option => $"{option.Key} {option.Value}"))}`"));
        text.AppendLine().AppendLine("| what | measured | budget | |").AppendLine("|---|---|---|---|");
        ResultRow[] rows = [.. setup.Rows(report), ResultRow.Asked("everything else as it must be", $"{(isRight ? "yes" : "no")}", "yes", isRight)];
        foreach (ResultRow row in rows)
        {
            text.AppendLine($"{row}");
        }

        if (setup.Reason.Length > 0 && Array.Exists(rows, static row => row.IsMet == false))
        {
            text.AppendLine().AppendLine($"What misses: {setup.Reason}");
        }

        return text.ToString();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
