using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Presence.Server.Diagnostics;
using Presence.TestKit;
using Xunit;

namespace Presence.Server.Tests.Metrics;

/// <summary>docs/metrics.md has a line for everything that is measured or logged and for nothing else; dashboard and alerts ask for nothing that is not there.</summary>
[Collection(nameof(MeteredServer))]
public sealed partial class MetricsDocumentTests(MeteredServer server)
{
    private static readonly string[] s_document = File.ReadAllLines(Path.Combine(ServerProcess.Repository, "docs", "metrics.md"));

    [Fact]
    public void Every_instrument_has_its_line_with_its_kind()
    {
        IEnumerable<string> documented = s_document.Select(static line => Instrument().Match(line)).Where(static match => match.Success)
            .Select(static match => $"{match.Groups["metric"].Value} {(match.Groups["kind"].Value == "level" ? "gauge" : match.Groups["kind"].Value)}");
        IEnumerable<string> shown = server.Shown.Types.Where(static type => type.Key.StartsWith("presence_", StringComparison.Ordinal))
            .Select(static type => $"{type.Key} {type.Value}");
        Assert.Equal(shown.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_name_of_an_instrument_and_that_of_its_metric_are_one()
    {
        Match[] lines = [.. s_document.Select(static line => Instrument().Match(line)).Where(static match => match.Success)];
        Assert.NotEmpty(lines);
        Assert.All(lines, static line =>
        {
            string unit = line.Groups["unit"].Value switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
            string total = line.Groups["kind"].Value == "counter" ? "_total" : "";
            Assert.Equal($"{line.Groups["instrument"].Value.Replace('.', '_')}{unit}{total}", line.Groups["metric"].Value);
        });
    }

    [Fact]
    public void What_is_named_of_the_runtime_is_there()
    {
        string[] named = [.. s_document.SelectMany(static line => Runtime().Matches(line)).Select(static match => match.Value)];
        Assert.NotEmpty(named);
        Assert.All(named, metric => Assert.Contains(metric, server.Shown.Types));
    }

    [Fact]
    public void The_dashboard_shows_only_what_there_is()
    {
        using JsonDocument dashboard = JsonDocument.Parse(File.ReadAllText(Deployed("grafana", "presence.json")));
        Assert.InRange(dashboard.RootElement.GetProperty("schemaVersion").GetInt32(), 39, int.MaxValue);
        JsonElement[] panels = [.. dashboard.RootElement.GetProperty("panels").EnumerateArray()];
        Assert.Equal(panels.Length, panels.Select(static panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        string[] queries =
        [
            .. panels.Where(static panel => panel.TryGetProperty("targets", out _))
                .SelectMany(static panel => panel.GetProperty("targets").EnumerateArray())
                .Select(static target => target.GetProperty("expr").GetString()!),
        ];
        Assert.NotEmpty(queries);
        Assert.All(queries, AssertIsThere);
    }

    [Fact]
    public void Alerts_ask_only_for_what_there_is()
    {
        string[] rules = [.. File.ReadLines(Deployed("prometheus", "presence.rules.yml"))
            .Where(static line => line.TrimStart().StartsWith("expr: ", StringComparison.Ordinal) && line.Contains("presence_", StringComparison.Ordinal))];
        Assert.NotEmpty(rules);
        Assert.All(rules, AssertIsThere);
    }

    [Fact]
    public void Every_log_event_has_its_line_and_its_id()
    {
        Dictionary<int, string> ids = typeof(LogEvents).GetFields(BindingFlags.Public | BindingFlags.Static)
            .ToDictionary(static field => (int)field.GetRawConstantValue()!, static field => field.Name);
        LoggerMessageAttribute[] messages =
        [
            .. typeof(LogEvents).Assembly.GetTypes()
                .SelectMany(static type => type.GetMethods(BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                .Select(static method => method.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>(),
        ];
        Assert.Equal(ids.Keys.Order(), messages.Select(static message => message.EventId).Order());
        IEnumerable<string> documented = s_document.Where(static line => Event().IsMatch(line)).Select(static line => Event().Match(line).Value);
        Assert.Equal(
            messages.OrderBy(static message => message.EventId).Select(message => $"| {message.EventId} | `{ids[message.EventId]}` | {message.Level} |"), documented);
    }

    // What is logged without a generated message has no id.
    [Fact]
    public void Nothing_is_logged_any_other_way()
    {
        string[] others =
        [
            .. Directory.EnumerateFiles(Path.Combine(ServerProcess.Repository, "src", "PresenceServer"), "*.cs", SearchOption.AllDirectories)
                .Where(static path => !path.Contains("/obj/", StringComparison.Ordinal) && OtherLog().IsMatch(File.ReadAllText(path))),
        ];
        Assert.Empty(others);
    }

    // Each metric of a query, and each label that it groups by or asks for.
    private void AssertIsThere(string query)
    {
        Scrape.Sample[] samples = [.. Metric().Matches(query).SelectMany(match =>
        {
            Scrape.Sample[] found = [.. server.Shown.Samples.Where(sample => sample.Name == match.Value)];
            Assert.True(found.Length > 0, $"There is no {match.Value}: {query}");
            return found;
        })];
        IEnumerable<string> labels = Grouping().Matches(query).SelectMany(static match => match.Groups["labels"].Value.Split(", "))
            .Concat(Selection().Matches(query).Select(static match => match.Groups["label"].Value))
            .Where(static label => label is not ("instance" or "job"));
        Assert.All(labels, label => Assert.True(samples.Any(sample => sample.Labels.ContainsKey(label)), $"No series has {label}: {query}"));
    }

    private static string Deployed(string folder, string file) => Path.Combine(ServerProcess.Repository, "deploy", folder, file);

    [GeneratedRegex(@"^\| `(?<instrument>presence\.[\w.]+)` \| `(?<metric>\w+)` \| (?<kind>\w+)(, (?<unit>[^ ]+))? \|")]
    private static partial Regex Instrument();

    [GeneratedRegex(@"\bdotnet_\w+")]
    private static partial Regex Runtime();

    [GeneratedRegex(@"\b(presence|dotnet)_\w+")]
    private static partial Regex Metric();

    [GeneratedRegex(@"by \((?<labels>[^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"(?<label>\w+)=~?""")]
    private static partial Regex Selection();

    [GeneratedRegex(@"^\| \d+ \| `\w+` \| \w+ \|")]
    private static partial Regex Event();

    [GeneratedRegex(@"\.Log(Trace|Debug|Information|Warning|Error|Critical)?\(")]
    private static partial Regex OtherLog();
}
