using Presence.LoadClient.Measuring;
using Presence.LoadClient.Series;

namespace Presence.LoadClient.Reports;

/// <summary>How a run stands.</summary>
/// <param name="Latest">The last second.</param>
/// <param name="Latency">Since the run began.</param>
/// <param name="Trouble">What makes the figures mean little; null: nothing.</param>
internal sealed record ProgressSnapshot(Sample Latest, LatencySummary Latency, string? Trouble);

/// <summary>From the thread that works to the one that shows: the newest word only, so that neither waits.</summary>
internal sealed class ProgressFeed
{
    private volatile ProgressSnapshot? _latest;
    private volatile string _phase = "ramp";
    private volatile string? _warning;
    private volatile string? _request;

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

    /// <summary>What whoever runs this is to do now; null: nothing.</summary>
    public string? Request
    {
        get => _request;
        set => _request = value;
    }

    public void Publish(ProgressSnapshot snapshot) => _latest = snapshot;
}
