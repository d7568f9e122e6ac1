using Presence.LoadClient.Measuring;
using Presence.LoadClient.Reports;
using Presence.LoadClient.Reports.Parts;

namespace Presence.LoadClient.Scenarios.Hostile;

/// <summary>What a run of <c>hostile</c> came to; the latency is that beside the attackers.</summary>
internal sealed record HostileReport()
    : RunReport("hostile", "from the moment a flip was meant to be sent to its receipt by each watcher, beside the attackers")
{
    public const string CalmPhase = "calm";
    public const string AttackPhase = "attack";

    /// <summary>What the attackers may cost those who mean well: their p99 by so much.</summary>
    private const double MostSlower = 2;

    /// <summary>Of those who mean well.</summary>
    public required ConnectionFigures Connections { get; init; }

    public required int WatchesEach { get; init; }

    public required double CalmSeconds { get; init; }

    public required FlipFigures CalmFlips { get; init; }

    public required LatencySummary CalmLatencyMs { get; init; }

    public required FlipFigures Flips { get; init; }

    /// <summary>Null: the server is not on this machine, or was not watched long enough.</summary>
    public required MemoryFigures? Memory { get; init; }

    /// <summary>At a time, of all kinds.</summary>
    public required int Attackers { get; init; }

    public required IReadOnlyList<AttackFigures> Attacks { get; init; }

    public required HeartbeatFigures Heartbeats { get; init; }

    public required Comparison States { get; init; }

    /// <summary>p99 beside the attackers by that without them; null: nothing was measured.</summary>
    public double? Slower => CalmLatencyMs.P99 > 0 && LatencyMs.Count > 0 ? LatencyMs.P99 / CalmLatencyMs.P99 : null;

    public override IEnumerable<SummaryRow> Rows() =>
    [
        .. Connections.Rows(),
        SummaryRow.Of("watches each", $"{WatchesEach}"),
        .. CalmFlips.Rows(CalmSeconds).Select(static row => row with { Name = $"calm: {row.Name}" }),
        SummaryRow.OfLatency("calm: latency ms", CalmLatencyMs),
        .. Flips.Rows(Seconds),
        SummaryRow.OfLatency("latency ms", LatencyMs),
        .. Slower is { } slower
            ? [SummaryRow.Of("p99 by that without attackers", $"{slower:0.00} x").Within($"{MostSlower} x", slower <= MostSlower)]
            : Array.Empty<SummaryRow>(),
        .. Memory?.Rows() ?? [],
        SummaryRow.Of("attackers at a time", $"{Attackers}"),
        .. Attacks.SelectMany(static attack => attack.Rows()),
        .. Heartbeats.Rows(),
        .. States.Rows(),
    ];

    protected override IEnumerable<string> FindWrong() =>
    [
        .. Connections.FindWrong(),
        .. Connections.Lost.Select(static lost => $"{lost.Value} connections of those who mean well were lost: {lost.Key}"),
        .. Flips.FindWrong(),
        .. Attacks.SelectMany(static attack => attack.FindWrong()),
        .. States.FindWrong(),
    ];
}
