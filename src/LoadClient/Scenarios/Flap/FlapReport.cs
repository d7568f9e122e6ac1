using Presence.LoadClient.Measuring;
using Presence.LoadClient.Reports;
using Presence.LoadClient.Reports.Parts;

namespace Presence.LoadClient.Scenarios.Flap;

/// <summary>What a run of <c>flap</c> came to.</summary>
internal sealed record FlapReport() : RunReport("flap", "from the moment a lost session was meant to open again to its Welcome")
{
    public required ConnectionFigures Connections { get; init; }

    /// <summary>h, as the server says.</summary>
    public required double HoldSeconds { get; init; }

    public required BounceFigures Bounces { get; init; }

    public required AbsenceFigures Absences { get; init; }

    /// <summary>How long after the hold was over a watcher was told.</summary>
    public required LatencySummary OfflineAfterHoldMs { get; init; }

    public required SightingFigures Sightings { get; init; }

    public required HeartbeatFigures Heartbeats { get; init; }

    public required Comparison States { get; init; }

    public override IEnumerable<SummaryRow> Rows() =>
    [
        .. Connections.Rows(),
        SummaryRow.Of("hold", $"{HoldSeconds} s"),
        .. Bounces.Rows(Seconds),
        SummaryRow.OfLatency("back to welcomed ms", LatencyMs),
        .. Absences.Rows(),
        SummaryRow.OfLatency("offline seen after the hold ms", OfflineAfterHoldMs),
        SummaryRow.Of("goings and comings (compared · wrong)", $"{Sightings.Compared} · {Sightings.Wrong}"),
        .. Heartbeats.Rows(),
        .. States.Rows(),
    ];

    protected override IEnumerable<string> FindWrong() =>
    [
        .. Connections.FindWrong(),
        .. Bounces.FindWrong(),
        .. Absences.FindWrong(),
        .. Sightings.FindWrong(),
        .. States.FindWrong(),
    ];
}

/// <param name="AskedPerSecond">On the command line.</param>
/// <param name="Short">Meant to be back within the hold.</param>
/// <param name="Long">Meant to be back after it.</param>
/// <param name="Skipped">Not done, because the user was still away: fewer bounces, or more users.</param>
/// <param name="HeldTooLong">Of the long ones: those of which the server says that nobody saw them.</param>
internal sealed record BounceFigures(double AskedPerSecond, long Short, long Long, long Skipped, long HeldTooLong)
{
    public IEnumerable<SummaryRow> Rows(double seconds) =>
    [
        SummaryRow.Of("bounces (asked/s · done/s · skipped)", $"{AskedPerSecond:0.##} · {(Short + Long) / seconds:0.##} · {Skipped}"),
        SummaryRow.Of("bounces (within the hold · longer)", $"{Short} · {Long}"),
    ];

    public IEnumerable<string> FindWrong()
    {
        if (HeldTooLong > 0)
        {
            yield return $"{HeldTooLong} of {Long} that stayed away for longer than the hold were resumed as if they had not";
        }
    }
}

/// <summary>Pairs of a watcher and a user.</summary>
/// <param name="Wrong">In which the user was not seen to go and to come as often as it did.</param>
internal sealed record SightingFigures(long Compared, long Wrong)
{
    public IEnumerable<string> FindWrong()
    {
        if (Wrong > 0)
        {
            yield return $"{Wrong} of {Compared} pairs of a watcher and a user: the user was not seen to go and to come as often as it did";
        }
    }
}
