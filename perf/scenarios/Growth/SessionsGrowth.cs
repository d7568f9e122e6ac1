using System.Globalization;
using Presence.Scenarios.Ramps;
using Presence.Scenarios.Results;

namespace Presence.Scenarios.Growth;

/// <summary>
/// <c>growth-sessions</c>: what a session and a heartbeat cost the more sessions there are. Its last row is <c>ramp100m</c>, whose part of the
/// results it rewrites, too.
/// </summary>
/// <param name="pages">Where pages for a browser go.</param>
/// <param name="options">Of <c>LoadClient ramp</c>, for another run than the one that is meant.</param>
internal sealed class SessionsGrowth(string pages, IReadOnlyDictionary<string, string> options) : IGrowth
{
    private static readonly GrowthTable _table = new(
        "sessions",
        ["bytes a session", "µs of CPU a heartbeat"],
        ["bytes a session more than in the row before", "heartbeats/s", "server cores", "RSS GiB", "managed heap MB", "p99 ms", "right"],
        "Bytes are those the resident memory grew by from the start of the server to its most while holding. CPU is all that the server used while "
        + "holding, changes, reads and what it told the links included; their rates go with the heartbeats'. The managed heap is its most after a "
        + "collection.");

    public string Name => "growth-sessions";

    public string Heading => "Growth with the number of sessions";

    public (string Body, bool IsRight) Measure(Provenance provenance)
    {
        RampOutcome[] outcomes =
        [
            .. RampSetup.All.Select(setup => RampRun.Measure(setup.With(options), Path.Combine(pages, $"{setup.Name}.html"))),
        ];
        if (options.Count == 0)
        {
            // The last row is the reference load's own run.
            ResultsFile.Replace(RampSection.Heading, RampSection.Render(RampSetup.All[^1], outcomes[^1], provenance));
        }

        return (_table.Render([[.. Rows(outcomes)]], provenance), outcomes.All(static outcome => outcome.IsRight));
    }

    private static IEnumerable<GrowthRow> Rows(RampOutcome[] outcomes)
    {
        yield return Row(outcomes[0], more: "", reason: null);
        foreach ((RampOutcome before, RampOutcome outcome) in outcomes.Zip(outcomes.Skip(1)))
        {
            var step = new GrowthStep(before, outcome);
            yield return Row(outcome, Text($"{step.BytesPerSession:0}"), step.Reason);
        }
    }

    private static GrowthRow Row(RampOutcome outcome, string more, string? reason) => new(
        Text($"{outcome.Sessions:N0}"),
        [outcome.BytesPerSession, outcome.MicrosecondsPerHeartbeat],
        [
            more,
            Text($"{outcome.HeartbeatsPerSecond:N0}"),
            Text($"{outcome.ServerCores:0.00}"),
            Text($"{outcome.RssGiB:0.00}"),
            Text($"{outcome.ManagedHeapMB:0}"),
            Text($"{outcome.P99Ms:0.0}"),
            outcome.IsRight ? "yes" : "**no**",
        ],
        reason);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
