using System.Text.Json;

namespace Presence.Scenarios.Ramps;

/// <summary>What a run of <c>LoadClient ramp</c> said.</summary>
/// <param name="Report">Its JSON.</param>
/// <param name="IsRight">It ended with 0.</param>
internal sealed record RampOutcome(JsonElement Report, bool IsRight)
{
    private const double GiB = 1 << 30;

    public double Sessions => Number("sessions", "asked");

    public double RampPerSecond => Number("sessions", "ramp_per_second");

    public double RssGiB => Number("hold", "server_rss_most") / GiB;

    public double BytesPerSession => GrownBytes / Sessions;

    /// <summary>By how much the resident memory grew from the start of the server to its most while holding.</summary>
    public double GrownBytes => Number("hold", "server_rss_most") - Number("hold", "server_rss_at_start");

    /// <summary>In millions of bytes, the most since the server began.</summary>
    public double ManagedHeapMB => Number("node", "managed_heap_most") / 1e6;

    public double ManagedLargeMB => Number("node", "managed_large") / 1e6;

    public double ManagedPinnedMB => Number("node", "managed_pinned") / 1e6;

    /// <summary>Since the server began, as the other pauses.</summary>
    public double Collections => Number("node", "collections");

    public double GcPauseMsTotal => Number("node", "gc_pause_ms_total");

    public double GcPauseMsLongest => Number("node", "gc_pause_ms_longest");

    public double CollectionsInHold => Number("node", "collections_in_hold");

    public double GcPauseMsInHold => Number("node", "gc_pause_ms_in_hold");

    /// <summary>Of a shard while the sessions came up.</summary>
    public double TurnMsInRamp => Number("node", "turn_ms_longest_in_ramp");

    /// <summary>Of a shard, ramp included.</summary>
    public double TurnMs => Number("node", "turn_ms_longest");

    public double ServerCores => Number("hold", "server_cores");

    public double GeneratorCores => Number("hold", "generator_cores");

    public double HeartbeatsPerSecond => Number("hold", "heartbeats_per_second");

    public double ChangesPerSecond => Number("changes", "said") / Report.GetProperty("seconds").GetDouble();

    public double ReadsPerSecond => Number("reads", "answered") / Report.GetProperty("seconds").GetDouble();

    /// <summary>Of the server, with all that it did beside them.</summary>
    public double MicrosecondsPerHeartbeat => ServerCores / HeartbeatsPerSecond * 1e6;

    public double P99Ms => Number("latency_ms", "p99");

    public double Verified => Number("states", "verified");

    public double WrongStates => Number("states", "wrong") + Number("states", "left_out") + Number("watcher_views", "wrong");

    private double Number(string part, string name) => Report.GetProperty(part).GetProperty(name).GetDouble();
}
