using System.Text.Json;
using Presence.TestKit;
using Xunit;

namespace Presence.LoadClient.Tests.Scenarios;

/// <summary>A run of one scenario to its end, with all it left behind.</summary>
/// <param name="Html">The page.</param>
internal sealed record RunOutput(int ExitCode, JsonElement Report, string Errors, string Html)
{
    /// <summary>Every chart that a page has, by the id of its figure.</summary>
    private static readonly string[] s_charts = ["sessions", "heartbeats", "traffic", "reads", "latency", "percentiles", "memory", "cpu"];

    public static Task<RunOutput> OfAsync(ServerProcess server, string scenario) => OfAsync(server, scenario, NothingAsync);

    /// <param name="meanwhile">Done while it runs.</param>
    public static Task<RunOutput> OfAsync(ServerProcess server, string scenario, Func<LoadClientProcess, Task> meanwhile) =>
        OfAsync(scenario, meanwhile, "--server", server.Tcp.ToString(), "--data-directory", server.DataDirectory);

    public static Task<RunOutput> OfAsync(string scenario, params string[] target) => OfAsync(scenario, NothingAsync, target);

    public JsonElement Of(string part, string name) => Report.GetProperty(part).GetProperty(name);

    public long Number(string part, string name) => Of(part, name).GetInt64();

    /// <summary>Right, and told in every form.</summary>
    public void AssertRight(string scenario)
    {
        Assert.True(ExitCode == 0, Errors + Report);
        Assert.True(Report.GetProperty("is_right").GetBoolean());
        Assert.Empty(Report.GetProperty("wrong").EnumerateArray());
        Assert.Equal(scenario, Report.GetProperty("scenario").GetString());
        AssertCommon();
        Assert.Contains($"Presence load: {scenario}", Html, StringComparison.Ordinal);
        Assert.Contains("""<b class="right">""", Html, StringComparison.Ordinal);
    }

    public void AssertWrong(string because)
    {
        Assert.True(ExitCode == 1, Errors + Report);
        Assert.False(Report.GetProperty("is_right").GetBoolean());
        string[] wrong = [.. Report.GetProperty("wrong").EnumerateArray().Select(static sentence => sentence.GetString()!)];
        Assert.Contains(wrong, sentence => sentence.Contains(because, StringComparison.Ordinal));
        Assert.Contains(because, Errors, StringComparison.Ordinal);
        Assert.Contains("""<b class="wrong">""", Html, StringComparison.Ordinal);
        Assert.Contains("""<ul class="faults">""", Html, StringComparison.Ordinal);
    }

    /// <param name="meanwhile">Done while it runs.</param>
    /// <param name="target">Which server, and the key to it.</param>
    public static async Task<RunOutput> OfAsync(string scenario, Func<LoadClientProcess, Task> meanwhile, params string[] target)
    {
        string page = Path.Combine(Path.GetTempPath(), $"load-{Guid.NewGuid():N}.html");
        try
        {
            using var load = LoadClientProcess.Start([.. scenario.Split(' '), .. target, "--json", "--html", page]);
            await meanwhile(load);
            (int code, string output, string errors) = await load.EndAsync();
            return new RunOutput(code, JsonDocument.Parse(output).RootElement, errors, await File.ReadAllTextAsync(page));
        }
        finally
        {
            File.Delete(page);
        }
    }

    private static Task NothingAsync(LoadClientProcess load) => Task.CompletedTask;

    private void AssertCommon()
    {
        JsonElement[] series = [.. Report.GetProperty("series").EnumerateArray()];
        Assert.True(series.Length >= 3, $"{series.Length} samples");
        Assert.Equal(series.Select(Seconds).Order(), series.Select(Seconds));
        Assert.Contains("ramp", series.Select(static sample => sample.GetProperty("phase").GetString()));
        // The server is on this machine, and is found by its port.
        Assert.True(series[^1].GetProperty("server_rss_bytes").GetInt64() > 1 << 20);
        Assert.Contains(
            series, static sample => sample.GetProperty("server_cores") is { ValueKind: JsonValueKind.Number } cores && cores.GetDouble() > 0);
        Assert.True(Number("latency_ms", "count") > 0);
        double[] percentiles =
            [.. Report.GetProperty("latency_percentiles").EnumerateArray().Select(static point => point.GetProperty("ms").GetDouble())];
        Assert.Equal(percentiles.Order(), percentiles);
        Assert.All(s_charts, id => Assert.Contains($"<figure id=\"{id}\">", Html, StringComparison.Ordinal));
        Assert.Equal(s_charts.Length, Html.Split("<svg").Length - 1);
    }

    private static double Seconds(JsonElement sample) => sample.GetProperty("seconds").GetDouble();
}
