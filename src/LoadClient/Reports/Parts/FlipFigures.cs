using Presence.LoadClient.Measuring;
using Presence.LoadClient.Pacing;

namespace Presence.LoadClient.Reports.Parts;

/// <summary>The status changes of a run.</summary>
/// <param name="AskedPerSecond">On the command line.</param>
/// <param name="Sent">In the measured part.</param>
/// <param name="Skipped">Not sent, because the user's session was lost.</param>
/// <param name="Unanswered">Neither acked nor refused at the end.</param>
/// <param name="LatenessMs">How far behind its time each was sent: the generator's own share of the latencies.</param>
internal sealed record FlipFigures(double AskedPerSecond, long Sent, long Skipped, int Unanswered, LatencySummary LatenessMs)
{
    public static FlipFigures Of(double askedPerSecond, FlipPacer pacer, Truth truth) =>
        new(askedPerSecond, pacer.Sent, pacer.Left, truth.Unacked, pacer.Lateness.Summarize());

    public IEnumerable<SummaryRow> Rows(double seconds) =>
    [
        SummaryRow.Of("flips (asked/s · sent/s · sent)", $"{AskedPerSecond:0.##} · {Sent / seconds:0.##} · {Sent}"),
        SummaryRow.OfLatency("sent late by ms", LatenessMs),
    ];

    public IEnumerable<string> FindWrong()
    {
        if (Unanswered > 0)
        {
            yield return $"{Unanswered} flips were neither acked nor refused";
        }
    }
}

/// <param name="Expected">Had every watcher been told of every flip.</param>
/// <param name="Received">The rest was overtaken by a later flip of the same user.</param>
internal sealed record DeliveryFigures(long Expected, long Received)
{
    public IEnumerable<SummaryRow> Rows() =>
        [SummaryRow.Of("deliveries (received · overtaken)", $"{Received} · {Expected - Received}")];
}
