using Presence.LoadClient.Machine;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Pacing;

namespace Presence.LoadClient.Series;

/// <summary>Takes the samples of a run on the thread that counts, so that nothing it reads is torn.</summary>
/// <param name="totals">All generators of the run taken together.</param>
/// <param name="latencies">Whose last second goes into each sample.</param>
/// <param name="taken">Told of every sample.</param>
internal sealed class SeriesSampler(
    RunSeries series, Func<RunTotals> totals, Latencies latencies, ServerUsage server, Action<Sample> taken) : IDeadline
{
    /// <summary>What is shorter says nothing about a rate.</summary>
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(200);

    private readonly ProcessUsage _self = new(Environment.ProcessId);
    private RunTotals _before;
    private TimeSpan _takenAt;
    private TimeSpan _serverCpu;
    private TimeSpan _selfCpu;

    /// <summary>What the run is at; each sample carries it.</summary>
    public string Phase { get; set; } = "ramp";

    /// <summary>How it stands before anything was done: what the lines of a plot begin with.</summary>
    public void Begin(TimeSpan now)
    {
        Usage? used = server.Read();
        Usage self = _self.Read() ?? default;
        (_before, _takenAt, _serverCpu, _selfCpu) = (totals(), now, used?.Cpu ?? TimeSpan.Zero, self.Cpu);
        series.Add(new Sample
        {
            Seconds = now.TotalSeconds,
            Phase = Phase,
            SessionsUp = _before.SessionsUp,
            ServerRssBytes = used?.RssBytes,
            ServerManagedHeapBytes = server.Node?.ManagedHeapBytes,
            GeneratorRssBytes = self.RssBytes,
        });
    }

    public TimeSpan? OnDue(TimeSpan now)
    {
        TakeUnlessFresh(now);
        return now + series.Period;
    }

    /// <summary>A sample out of turn: before a run ends or goes on to something else.</summary>
    public void TakeUnlessFresh(TimeSpan now)
    {
        if (now - _takenAt >= _shortest)
        {
            Take(now);
        }
    }

    private void Take(TimeSpan now)
    {
        double seconds = (now - _takenAt).TotalSeconds;
        RunTotals after = totals();
        LatencySummary latency = latencies.TakeWindow();
        Usage? used = server.Read();
        Usage self = _self.Read() ?? default;
        var sample = new Sample
        {
            Seconds = now.TotalSeconds,
            Phase = Phase,
            SessionsUp = after.SessionsUp,
            ChangesPerSecond = (after.Changes - _before.Changes) / seconds,
            DeliveriesPerSecond = (after.Deliveries - _before.Deliveries) / seconds,
            HeartbeatsPerSecond = (after.Heartbeats - _before.Heartbeats) / seconds,
            ReadsPerSecond = (after.Reads - _before.Reads) / seconds,
            P50Ms = latency.Count > 0 ? latency.P50 : null,
            P99Ms = latency.Count > 0 ? latency.P99 : null,
            ServerRssBytes = used?.RssBytes,
            ServerManagedHeapBytes = server.Node?.ManagedHeapBytes,
            ServerCores = used is { } usage ? SinceLast(usage.Cpu).TotalSeconds / seconds : null,
            GeneratorCores = (self.Cpu - _selfCpu).TotalSeconds / seconds,
            GeneratorRssBytes = self.RssBytes,
            Failures = after.Failures,
        };
        (_before, _takenAt, _serverCpu, _selfCpu) = (after, now, used?.Cpu ?? _serverCpu, self.Cpu);
        series.Add(sample);
        taken(sample);
    }

    // A server that was started anew begins at zero.
    private TimeSpan SinceLast(TimeSpan serverCpu) => serverCpu >= _serverCpu ? serverCpu - _serverCpu : serverCpu;
}
