using System.Globalization;
using Presence.Scenarios.Ramps;
using Presence.Scenarios.Results;

namespace Presence.Scenarios.Growth;

/// <summary><c>growth-shards</c>: what a session and a heartbeat cost when they are spread over more shards.</summary>
internal sealed class ShardsGrowth(string pages) : IGrowth
{
    private static readonly int[] _shards = [1, 2];

    private static readonly GrowthTable _table = new(
        "shards",
        ["bytes a session", "µs of CPU a heartbeat"],
        ["heartbeats/s", "server cores", "managed heap MB", "p99 ms", "right"],
        "The run of ramp10m, held for 30 s, once with each number of shards: the load is the same. Bytes are those the resident memory grew by from "
        + "the start of the server to its most while holding; CPU is all that the server used while holding, changes, reads and what it told the "
        + "links included.");

    public string Name => "growth-shards";

    public string Heading => "Growth with the shards";

    public (string Body, bool IsRight) Measure(Provenance provenance)
    {
        (int Shards, RampOutcome Outcome)[] runs = [.. _shards.Select(shards => (shards, Run(shards)))];
        string body = _table.Render([[.. runs.Select(run => Row(run.Shards, run.Outcome, runs[0].Outcome))]], provenance);
        return (body, runs.All(static run => run.Outcome.IsRight));
    }

    private RampOutcome Run(int shards)
    {
        RampSetup setup = RampSetup.All.Single(static setup => setup.Name == "ramp10m").With([new("--hold", "30s")]);
        setup = setup with { Settings = [.. setup.Settings, string.Create(CultureInfo.InvariantCulture, $"Presence:Shards={shards}")] };
        return RampRun.Measure(setup, Path.Combine(pages, string.Create(CultureInfo.InvariantCulture, $"shards{shards}.html")));
    }

    private static GrowthRow Row(int shards, RampOutcome outcome, RampOutcome first) => new(
        shards.ToString(CultureInfo.InvariantCulture),
        [outcome.BytesPerSession, outcome.MicrosecondsPerHeartbeat],
        [
            outcome.HeartbeatsPerSecond.ToString("N0", CultureInfo.InvariantCulture),
            outcome.ServerCores.ToString("0.00", CultureInfo.InvariantCulture),
            outcome.ManagedHeapMB.ToString("0", CultureInfo.InvariantCulture),
            outcome.P99Ms.ToString("0.0", CultureInfo.InvariantCulture),
            outcome.IsRight ? "yes" : "**no**",
        ],
        Reason(outcome, first));

    private static string Reason(RampOutcome outcome, RampOutcome first) => string.Create(
        CultureInfo.InvariantCulture,
        $"the memory grew by {(outcome.GrownBytes - first.GrownBytes) / 1e6:0} MB more than on the first row's shards, the managed heap by "
        + $"{outcome.ManagedHeapMB - first.ManagedHeapMB:0} MB; the cores used differ by {outcome.ServerCores - first.ServerCores:0.00}.");
}
