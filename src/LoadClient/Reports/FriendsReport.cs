using System.Text.Json.Serialization;
using Presence.LoadClient.Measuring;

namespace Presence.LoadClient.Reports;

/// <summary>What a run of <c>friends</c> came to; as JSON it is the one object on standard output.</summary>
internal sealed record FriendsReport
{
    public string Scenario { get; } = "friends";

    public required string Server { get; init; }

    public required int Seed { get; init; }

    public required ConnectionFigures Connections { get; init; }

    public required int WatchesEach { get; init; }

    /// <summary>Length of the measured part.</summary>
    public required double Seconds { get; init; }

    public required FlipFigures Flips { get; init; }

    public required DeliveryFigures Deliveries { get; init; }

    /// <summary>From the moment a flip was meant to be sent to its receipt by each watcher.</summary>
    public required LatencySummary LatencyMs { get; init; }

    public required HeartbeatFigures Heartbeats { get; init; }

    public required Comparison States { get; init; }

    /// <summary>Everybody came up and stayed, every flip was answered, every view is the truth.</summary>
    public bool IsRight =>
        States.Wrong == 0 && Connections.Up == Connections.Asked && Flips.Unanswered == 0 && Connections.Errors.Count == 0;

    [JsonIgnore]
    public int ExitCode => IsRight ? ExitCodes.Right : ExitCodes.Wrong;
}

/// <param name="Asked">On the command line.</param>
/// <param name="Up">At the end.</param>
/// <param name="RampSeconds">From the first connection to the last one's answered watch.</param>
/// <param name="Failed">Those that did not come up, by reason.</param>
/// <param name="Lost">Those that came up and were lost, by reason.</param>
/// <param name="Errors">Error frames, by code.</param>
internal sealed record ConnectionFigures(
    int Asked,
    int Up,
    double RampSeconds,
    IReadOnlyDictionary<string, long> Failed,
    IReadOnlyDictionary<string, long> Lost,
    IReadOnlyDictionary<string, long> Errors);

/// <param name="AskedPerSecond">On the command line.</param>
/// <param name="Sent">In the measured part.</param>
/// <param name="Skipped">Not sent, because the user's session was lost.</param>
/// <param name="Unanswered">Neither acked nor refused at the end.</param>
/// <param name="LatenessMs">How far behind its time each was sent: the generator's own share of the latencies.</param>
internal sealed record FlipFigures(double AskedPerSecond, long Sent, long Skipped, int Unanswered, LatencySummary LatenessMs);

/// <param name="Expected">Had every watcher been told of every flip.</param>
/// <param name="Received">The rest was overtaken by a later flip of the same user.</param>
internal sealed record DeliveryFigures(long Expected, long Received);

internal sealed record HeartbeatFigures(long Sent, long Acked);
