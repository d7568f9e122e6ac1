using Presence.LoadClient.Connections;
using Presence.LoadClient.Measuring;

namespace Presence.LoadClient.Links;

/// <summary>What the links of a run have in common.</summary>
/// <param name="NamesPerSecond">Users that come up a second, over all links.</param>
internal sealed record LoadPlan(EventLoop Loop, Population Population, ChangeFeed Changes, ReadPlan Reads, double NamesPerSecond)
{
    public PlannedTruth Truth { get; } = new(Population, Changes);

    public EntryJudge Judge { get; } = new(Population, new PlannedTruth(Population, Changes));

    public LinkScratch Scratch { get; } = new();

    /// <summary>How far behind their time the heartbeats were that were due at each look.</summary>
    public Latencies HeartbeatLateness { get; } = new();

    /// <summary>How far behind its time each change was said: the generator's own share of the latencies.</summary>
    public Latencies ChangeLateness { get; } = new();

    /// <summary>From when a read was meant to be asked to the end of its answer.</summary>
    public Latencies ReadLatency { get; } = new();

    /// <summary>Connections lost without being dropped, by reason.</summary>
    public Tally Lost { get; } = new();

    /// <summary>Frames the server asked to have once more, by code.</summary>
    public Tally HeldUp { get; } = new();

    /// <summary>Whatever else it complained of, by code.</summary>
    public Tally Errors { get; } = new();
}
