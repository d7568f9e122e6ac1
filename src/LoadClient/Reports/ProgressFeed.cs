namespace Presence.LoadClient.Reports;

/// <summary>How a run stands.</summary>
internal sealed record ProgressSnapshot(
    int Up, long Failed, long Flips, long Deliveries, long Heartbeats, Measuring.LatencySummary Latency);

/// <summary>From the thread that works to the one that shows: the newest word only, so that neither waits.</summary>
internal sealed class ProgressFeed
{
    /// <summary>How often there is a new word.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    private volatile ProgressSnapshot? _latest;
    private volatile string _phase = "connect";
    private volatile string? _warning;

    public ProgressSnapshot? Latest => _latest;

    public string Phase
    {
        get => _phase;
        set => _phase = value;
    }

    /// <summary>What the reader of the figures must know; null: nothing.</summary>
    public string? Warning
    {
        get => _warning;
        set => _warning = value;
    }

    public void Publish(ProgressSnapshot snapshot) => _latest = snapshot;
}
