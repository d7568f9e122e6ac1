using System.Globalization;
using Presence.Scenarios.Ramps;
using Presence.Scenarios.Results;

namespace Presence.Scenarios.Growth;

/// <summary><c>growth-sessions</c>: what a session and a heartbeat cost the more sessions there are.</summary>
/// <param name="pages">Where pages for a browser go.</param>
/// <param name="options">Of <c>LoadClient ramp</c>, for another run than the one that is meant.</param>
internal sealed class SessionsGrowth(string pages, IReadOnlyDictionary<string, string> options) : IGrowth
{
    private static readonly GrowthTable _table = new(
        "sessions",
        ["bytes a session", "µs of CPU a heartbeat"],
        ["heartbeats/s", "p99 ms", "right"],
        "Bytes are those the resident memory grew by from the start of the server to its most while holding. CPU is all that the server used while "
        + "holding, changes, reads and what it told the links included; their rates go with the heartbeats'.");

    public string Name => "growth-sessions";

    public string Heading => "Growth with the number of sessions";

    public (string Body, bool IsRight) Measure(Provenance provenance)
    {
        RampOutcome[] outcomes =
        [
            .. RampSetup.All.Select(setup => RampRun.Measure(setup.With(options), Path.Combine(pages, $"{setup.Name}.html"))),
        ];
        return (_table.Render([[.. outcomes.Select(Row)]], provenance), outcomes.All(static outcome => outcome.IsRight));
    }

    private static GrowthRow Row(RampOutcome outcome) => new(
        outcome.Sessions.ToString("N0", CultureInfo.InvariantCulture),
        [outcome.BytesPerSession, outcome.MicrosecondsPerHeartbeat],
        [
            outcome.HeartbeatsPerSecond.ToString("N0", CultureInfo.InvariantCulture),
            outcome.P99Ms.ToString("0.0", CultureInfo.InvariantCulture),
            outcome.IsRight ? "yes" : "**no**",
        ]);
}
