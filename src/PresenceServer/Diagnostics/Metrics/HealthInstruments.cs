using System.Diagnostics.Metrics;
using Presence.Server.Admin;
using Presence.Server.Hosting;

namespace Presence.Server.Diagnostics.Metrics;

/// <summary>The checks of /readyz as numbers, for alerts.</summary>
internal static class HealthInstruments
{
    public static void Add(NodeMeter meter, NodeHealth health, OverloadMonitor overload)
    {
        meter.Gauge("presence.health", "{level}", "The checks of /readyz: 0 ok, 1 degraded, 2 failed.", () => health.Ready().Select(Read));
        meter.Gauge("presence.overload.step", "{step}", "What the node does without: 0 nothing, to 4 new sessions.", () => (int)overload.Step);
    }

    private static Measurement<long> Read(HealthCheck check)
    {
        long level = check.Status switch
        {
            NodeHealth.Ok => 0,
            NodeHealth.Degraded => 1,
            _ => 2,
        };
        return new(level, new KeyValuePair<string, object?>("check", check.Name.Replace(' ', '_')));
    }
}
