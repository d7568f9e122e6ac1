using System.Globalization;
using System.Text;
using Presence.Scenarios.Results;

namespace Presence.Scenarios.Ramps;

/// <summary>The part of the results about what a session costs the more of them there are.</summary>
internal static class GrowthSection
{
    public const string Heading = "Growth with the number of sessions";

    public static string Render(IReadOnlyList<RampOutcome> outcomes, Provenance provenance)
    {
        var text = new StringBuilder();
        text.AppendLine(Text($"`{provenance.Command}`: commit {provenance.Commit}, {provenance.Date:yyyy-MM-dd}, {provenance.Cpu}."));
        text.AppendLine("Bytes are those the resident memory grew by from the start of the server to its most while holding. CPU is all that the");
        text.AppendLine("server used while holding, changes, reads and what it told the links included; their rates go with the heartbeats'.");
        text.AppendLine("In brackets: by the first line's. Flat is 0.8 to 1.2.");
        text.AppendLine().AppendLine("| sessions | bytes a session | µs of CPU a heartbeat | heartbeats/s | p99 ms | right |");
        text.AppendLine("|---|---|---|---|---|---|");
        foreach (RampOutcome outcome in outcomes)
        {
            double bytes = outcome.BytesPerSession / outcomes[0].BytesPerSession;
            double cpu = outcome.MicrosecondsPerHeartbeat / outcomes[0].MicrosecondsPerHeartbeat;
            text.Append(Text($"| {outcome.Sessions:N0} | {outcome.BytesPerSession:0} ({bytes:0.00}) "));
            text.Append(Text($"| {outcome.MicrosecondsPerHeartbeat:0.000} ({cpu:0.00}) | {outcome.HeartbeatsPerSecond:N0} "));
            text.AppendLine(Text($"| {outcome.P99Ms:0.0} | {(outcome.IsRight ? "yes" : "**no**")} |"));
        }

        return text.ToString();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
