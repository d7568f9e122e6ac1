using System.Text.Json;

namespace Presence.LoadClient.Reports;

/// <summary>A report for programs: one JSON object on standard output, names in snake_case.</summary>
internal static class JsonOutput
{
    private static readonly JsonSerializerOptions _options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static void Print(RunReport report) => Console.WriteLine(JsonSerializer.Serialize(report, report.GetType(), _options));
}
