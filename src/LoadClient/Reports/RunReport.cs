using System.Text.Json.Serialization;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Series;

namespace Presence.LoadClient.Reports;

/// <summary>
/// What a run came to. A scenario adds its own figures; as JSON all of it is the one object on standard output, and the summary and the
/// page are made of the same.
/// </summary>
/// <param name="LatencyMeaning">What the latency is of: from what to what.</param>
internal abstract record RunReport(string Scenario, string LatencyMeaning)
{
    private IReadOnlyList<string>? _wrong;

    /// <summary>Nothing was wrong.</summary>
    public bool IsRight => Wrong.Count == 0;

    /// <summary>Every way in which the run was not as it must be, a sentence each.</summary>
    public IReadOnlyList<string> Wrong => _wrong ??=
        [.. GivenUp is { } why ? [$"the run was given up: {why}"] : Array.Empty<string>(), .. FindWrong()];

    /// <summary>Why it ended before its time; null: it did not.</summary>
    public required string? GivenUp { get; init; }

    public required RunInfo Run { get; init; }

    public required int Seed { get; init; }

    /// <summary>Length of the measured part.</summary>
    public required double Seconds { get; init; }

    public required LatencySummary LatencyMs { get; init; }

    [JsonPropertyOrder(1)]
    public required IReadOnlyList<PercentilePoint> LatencyPercentiles { get; init; }

    [JsonPropertyOrder(2)]
    public required IReadOnlyList<Sample> Series { get; init; }

    [JsonIgnore]
    public int ExitCode => IsRight ? ExitCodes.Right : ExitCodes.Wrong;

    /// <summary>The figures of this scenario, for people.</summary>
    public abstract IEnumerable<SummaryRow> Rows();

    protected abstract IEnumerable<string> FindWrong();
}
