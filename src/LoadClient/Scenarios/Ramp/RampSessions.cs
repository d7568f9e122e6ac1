using Presence.LoadClient.Reports;

namespace Presence.LoadClient.Scenarios.Ramp;

/// <summary>How the sessions came up.</summary>
/// <param name="Named">By their gateways, and taken by the server.</param>
/// <param name="RampSeconds">From the last link's welcome until the server had taken the last session.</param>
internal sealed record RampSessions(long Asked, long Named, double RampSeconds)
{
    public double RampPerSecond => RampSeconds > 0 ? Named / RampSeconds : 0;

    public IEnumerable<SummaryRow> Rows() =>
    [
        SummaryRow.Of("sessions (asked · named)", $"{Asked} · {Named}"),
        SummaryRow.Of("ramp (s · sessions/s)", $"{RampSeconds:0.0} · {RampPerSecond:0}"),
    ];

    public IEnumerable<string> FindWrong()
    {
        if (Named < Asked)
        {
            yield return $"only {Named} of {Asked} sessions were named and taken";
        }
    }
}
