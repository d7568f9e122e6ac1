using System.Globalization;
using System.Text;
using Presence.Scenarios.Results;

namespace Presence.Scenarios.Recoveries;

/// <summary>The part of the results about starting on many records: each figure beside its budget.</summary>
internal static class RecoverySection
{
    // Of 100 million records.
    private const double LoadedSeconds = 60;
    private const double AnswerSeconds = 5;

    public static string HeadingOf(RecoverySetup setup) => $"Recovery of {setup.Users / 1_000_000} million last-active records";

    public static string Render(RecoverySetup setup, RecoveryOutcome outcome, Provenance provenance)
    {
        double answered = outcome.FirstAnswer.TotalSeconds, loaded = outcome.Loaded.TotalSeconds;
        ResultRow[] rows =
        [
            ResultRow.Asked(
                "start of the process → first answered question", $"{answered:0.00} s ({outcome.FirstUnknown} of its users UNKNOWN)",
                $"≤ {AnswerSeconds} s", answered <= AnswerSeconds),
            ResultRow.Asked("start of the process → all loaded", $"{loaded:0.0} s", $"≤ {LoadedSeconds} s", loaded <= LoadedSeconds),
            ResultRow.Of("limit: the same bytes read in order and verified, on one thread", $"{outcome.Limit.TotalSeconds:0.00} s"),
            ResultRow.Of("processor time of the server until all is loaded", $"{outcome.Cpu.TotalSeconds:0.0} s"),
            ResultRow.Of("checkpoint on disk", $"{outcome.DiskBytes / 1e9:0.00} GB"),
            ResultRow.Of(
                "server RSS when all is loaded · the most it was",
                $"{outcome.Rss / 1e9:0.00} GB, {(double)outcome.Rss / setup.Users:0.0} bytes a user · {outcome.PeakRss / 1e9:0.00} GB"),
            ResultRow.Of("round trip of a question over HTTP while it loads, p50 · p99 · most", Times(outcome.WhileLoading)),
            ResultRow.Of("the same afterwards", Times(outcome.Afterwards)),
            ResultRow.Asked("users of a sample who were answered otherwise than recorded", $"{outcome.Wrong}", "0", outcome.Wrong == 0),
        ];
        var text = new StringBuilder();
        text.AppendLine(Text($"`{provenance.Command}`: commit {provenance.Commit}, {provenance.Date:yyyy-MM-dd}, {provenance.Cpu}, {provenance.Runtime},"));
        text.AppendLine(Text($"{provenance.Cores} cores. The checkpoint is of {setup.Users:N0} users, one in ten of them online, one in a thousand invisible; it is in the page"));
        text.AppendLine("cache (warm), for the server as for the limit. Questions of 16 users are asked one at a time from when the server accepts.");
        text.AppendLine().AppendLine("| what | measured | budget | |").AppendLine("|---|---|---|---|");
        foreach (ResultRow row in rows)
        {
            text.AppendLine($"{row}");
        }

        return text.ToString();
    }

    private static FormattableString Times(IReadOnlyList<double> times) =>
        $"{RecoveryOutcome.Percentile(times, 0.5):0.0} · {RecoveryOutcome.Percentile(times, 0.99):0.0} · {times.Max():0.0} ms ({times.Count:N0} questions)";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
