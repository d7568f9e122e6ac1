namespace Presence.Server.Configuration;

/// <summary>The variables by which OpenTelemetry's exporter is set up everywhere; it reads them itself. Here is only whether they ask for it.</summary>
internal static class OtlpVariables
{
    private static readonly string[] s_collectors = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    /// <summary>One of them names a collector.</summary>
    public static bool NameCollector() => s_collectors.Any(static name => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)));
}
