namespace Presence.LoadClient.Series;

/// <summary>How a run stood at a moment, and what happened in the second before it.</summary>
internal sealed record Sample
{
    /// <summary>Since the run began; the end of the second that the rates are of.</summary>
    public required double Seconds { get; init; }

    public required string Phase { get; init; }

    public long SessionsUp { get; init; }

    public double ChangesPerSecond { get; init; }

    public double DeliveriesPerSecond { get; init; }

    public double HeartbeatsPerSecond { get; init; }

    public double ReadsPerSecond { get; init; }

    /// <summary>Of what was measured in that second; null: nothing was.</summary>
    public double? P50Ms { get; init; }

    public double? P99Ms { get; init; }

    /// <summary>Resident memory; null: the server is not on this machine.</summary>
    public long? ServerRssBytes { get; init; }

    /// <summary>As the last collection left it; null: the server is not asked.</summary>
    public long? ServerManagedHeapBytes { get; init; }

    /// <summary>CPU seconds a second; null: the server is not on this machine.</summary>
    public double? ServerCores { get; init; }

    public double GeneratorCores { get; init; }

    public long GeneratorRssBytes { get; init; }

    /// <summary>Connections that did not come up or were lost, and Error frames, since the run began.</summary>
    public long Failures { get; init; }

    /// <summary>Two neighbours as one: rates are averaged, the worse p99 is kept, the rest is as it was at the later.</summary>
    public static Sample Merge(Sample earlier, Sample later) => later with
    {
        ChangesPerSecond = (earlier.ChangesPerSecond + later.ChangesPerSecond) / 2,
        DeliveriesPerSecond = (earlier.DeliveriesPerSecond + later.DeliveriesPerSecond) / 2,
        HeartbeatsPerSecond = (earlier.HeartbeatsPerSecond + later.HeartbeatsPerSecond) / 2,
        ReadsPerSecond = (earlier.ReadsPerSecond + later.ReadsPerSecond) / 2,
        P50Ms = Larger(earlier.P50Ms, later.P50Ms),
        P99Ms = Larger(earlier.P99Ms, later.P99Ms),
        ServerCores = (earlier.ServerCores + later.ServerCores) / 2,
        GeneratorCores = (earlier.GeneratorCores + later.GeneratorCores) / 2,
    };

    private static double? Larger(double? a, double? b) => a is null || b > a ? b : a;
}
