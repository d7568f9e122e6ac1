using System.Globalization;
using System.Text;
using Presence.LoadClient.Scenarios.Ramp;
using Presence.Scenarios.Results;

namespace Presence.Scenarios.Ramps;

/// <summary>The part of the results about 100 million sessions: each figure beside its budget.</summary>
internal static class RampSection
{
    public const string Heading = "100 million sessions over gateway links";

    public static string Render(RampSetup setup, RampOutcome outcome, Provenance provenance)
    {
        double cores = outcome.ServerCores + outcome.GeneratorCores;
        ResultRow[] rows =
        [
            ResultRow.Asked("server RSS, most while holding", $"{outcome.RssGiB:0.00} GiB", $"≤ {ReferenceLoad.ServerGiB} GiB", outcome.RssGiB <= ReferenceLoad.ServerGiB),
            ResultRow.Asked(
                "server managed heap, most after a collection, ramp included",
                $"{outcome.ManagedHeapMB:0} MB; at the end {outcome.ManagedLargeMB:0} MB are large arrays, {outcome.ManagedPinnedMB:0} MB pinned ones",
                $"≤ {ReferenceLoad.ManagedHeapMB} MB", outcome.ManagedHeapMB <= ReferenceLoad.ManagedHeapMB),
            ResultRow.Of(
                "GC pauses of the server, ramp included",
                $"{outcome.Collections:N0}, {outcome.GcPauseMsTotal:N0} ms in all, the longest {outcome.GcPauseMsLongest:0.0} ms"),
            ResultRow.Of("the same while holding", $"{outcome.CollectionsInHold:N0}, {outcome.GcPauseMsInHold:N0} ms in all"),
            ResultRow.Of(
                "longest turn of a shard while the sessions came up, by the clock, with what other threads took of its core (of the engine alone, and its budget: below)",
                $"{outcome.TurnMsInRamp:0.0} ms ({outcome.TurnMs:0.0} ms holding included)"),
            ResultRow.Asked(
                "cores while holding, server + generator, mean",
                $"{cores:0.00} ({outcome.ServerCores:0.00} + {outcome.GeneratorCores:0.00})", $"≤ {ReferenceLoad.Cores}", cores <= ReferenceLoad.Cores),
            ResultRow.Asked("change → direct watcher, p99", $"{outcome.P99Ms:0.0} ms", $"≤ {ReferenceLoad.P99Ms} ms", outcome.P99Ms <= ReferenceLoad.P99Ms),
            ResultRow.Asked("wrong states", $"{outcome.WrongStates:N0}, {outcome.Verified:N0} users verified", "0", outcome.WrongStates == 0),
            ResultRow.Asked("everything else as it must be", $"{(outcome.IsRight ? "yes" : "no")}", "yes", outcome.IsRight),
            ResultRow.Of("sessions", $"{outcome.Sessions:N0}, came up at {outcome.RampPerSecond:N0}/s"),
            ResultRow.Of(
                "heartbeats · changes · users read, a second",
                $"{outcome.HeartbeatsPerSecond:N0} · {outcome.ChangesPerSecond:N0} · {outcome.ReadsPerSecond:N0}"),
        ];
        var text = new StringBuilder();
        text.AppendLine(Text($"`{provenance.Command}`: commit {provenance.Commit}, {provenance.Date:yyyy-MM-dd}, {provenance.Cpu},"));
        text.AppendLine(Text($"{provenance.Runtime}. Server and generator share {provenance.Cores} cores."));
        text.AppendLine(Text($"`LoadClient ramp {string.Join(' ', setup.Options.Select(static option => $"{option.Key} {option.Value}"))}`"));
        text.AppendLine().AppendLine("| what | measured | budget | |").AppendLine("|---|---|---|---|");
        foreach (ResultRow row in rows)
        {
            text.AppendLine($"{row}");
        }

        return text.ToString();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
