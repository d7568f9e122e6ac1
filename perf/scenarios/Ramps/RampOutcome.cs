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

    public double BytesPerSession => (Number("hold", "server_rss_most") - Number("hold", "server_rss_at_start")) / Sessions;

    /// <summary>In millions of bytes, the most while holding.</summary>
    public double ManagedHeapMB => Number("hold", "server_managed_heap_most") / 1e6;

    /// <summary>Of it, large and pinned arrays, in millions of bytes.</summary>
    public double ManagedArraysMB => Number("hold", "server_managed_arrays") / 1e6;

    /// <summary>The longest since the server began.</summary>
    public double GcPauseMs => Number("hold", "server_gc_pause_ms_most");

    public double Collections => Number("hold", "server_collections");

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
