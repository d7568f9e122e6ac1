using Presence.LoadClient.Reports;

namespace Presence.LoadClient.Scenarios.Ramp;

/// <summary>A link that was lost on purpose.</summary>
/// <param name="GatewayForgot">The gateway was started anew and named its set again.</param>
/// <param name="Resumed">The gateway went on with the set that the server had kept.</param>
internal sealed record RestartFigures(int Link, bool GatewayForgot, double AwaySeconds, bool Resumed)
{
    public IEnumerable<SummaryRow> Rows() => GatewayForgot
        ? [SummaryRow.Of($"link {Link} restarted, its set named again (away s)", $"{AwaySeconds:0.0}")]
        : [SummaryRow.Of($"link {Link} dropped (away s · resumed)", $"{AwaySeconds:0.0} · {Resumed}")];

    public IEnumerable<string> FindWrong()
    {
        if (Resumed == GatewayForgot)
        {
            yield return GatewayForgot
                ? $"link {Link} started anew and the server resumed its old set"
                : $"link {Link} came back after {AwaySeconds:0.0} s and the server had not kept its set";
        }
    }
}
