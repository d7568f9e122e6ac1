using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Presence.Server.Admin;
using Presence.Server.Cluster;
using Presence.Server.Configuration;
using Presence.Server.Hosting;
using Presence.Server.Storage.Shared;

namespace Presence.Server.Diagnostics.Metrics;

/// <summary>
/// The meter and its two ways out: <see cref="Path"/> on the admin listener, for Prometheus, and OTLP where the standard variables of the environment name a collector. Without either nothing
/// is exported and no thread of the exporters is started.
/// </summary>
internal static class MetricsRegistration
{
    public const string Path = "/metrics";

    // Collections, pauses, heap, resident memory, processor time, threads: the runtime's own.
    private const string RuntimeMeter = "System.Runtime";

    public static IServiceCollection AddNodeMetrics(this IServiceCollection services, PresenceConfiguration configuration)
    {
        services.AddSingleton<NodeCounters>().AddSingleton<SharedCounts>().AddSingleton<PeerCounters>();
        bool scraped = !configuration.Listen.Admin.IsOff;
        bool pushed = OtlpVariables.NameCollector();
        if (!scraped && !pushed)
        {
            return services;
        }

        services
            .AddSingleton<FreeSpace>()
            .AddSingleton<NodeMeter>()
            .AddSingleton<NodeInstruments>()
            .AddHostedService<LatencyExport>()
            .AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("presence", serviceVersion: NodeInfo.Version, serviceInstanceId: configuration.Cluster.NodeId))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(NodeMeter.Name, RuntimeMeter);
                if (scraped)
                {
                    metrics.AddPrometheusExporter();
                }

                if (pushed)
                {
                    metrics.AddOtlpExporter();
                }
            });
        return services;
    }

    /// <summary>After routing. As for the health pages no token is asked for: what is told is of no user, and who scrapes has none.</summary>
    public static void MapNodeMetrics(this WebApplication app, PresenceConfiguration configuration)
    {
        if (!configuration.Listen.Admin.IsOff)
        {
            app.MapPrometheusScrapingEndpoint(Path).WithMetadata(new AdminOnly());
        }
    }
}
