using Presence.LoadClient.Reports;

namespace Presence.LoadClient.Scenarios.Ramp;

/// <summary>A link that was lost on purpose.</summary>
/// <param name="GatewayForgot">The gateway was started anew and named its set again.</param>
/// <param name="Resumed">The server had kept the set.</param>
internal sealed record RestartFigures(int Link, bool GatewayForgot, double AwaySeconds, bool Resumed)
{
    public IEnumerable<SummaryRow> Rows() =>
        [SummaryRow.Of($"link {Link} {(GatewayForgot ? "restarted" : "dropped")} (away s · set kept)", $"{AwaySeconds:0.0} · {Resumed}")];

    public IEnumerable<string> FindWrong()
    {
        if (!Resumed)
        {
            yield return $"link {Link} came back after {AwaySeconds:0.0} s and the server had not kept its set";
        }
    }
}
