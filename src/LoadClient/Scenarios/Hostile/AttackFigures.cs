using Presence.LoadClient.Attacks;
using Presence.LoadClient.Reports;

namespace Presence.LoadClient.Scenarios.Hostile;

/// <summary>What one kind of attacker came to.</summary>
/// <param name="Opened">Connections, one after another.</param>
/// <param name="MustEnter">It is nothing before it is let in.</param>
/// <param name="Entered">Of them, those that were welcomed or upgraded, and heard so.</param>
/// <param name="Ended">By the server, or refused by it, by reason.</param>
/// <param name="MustEnd">The server has to end it.</param>
/// <param name="LongestLifeSeconds">Of a connection, whoever ended it.</param>
/// <param name="PatienceSeconds">The longest that it may be, if it must end.</param>
internal sealed record AttackFigures(
    string Name, long Opened, bool MustEnter, long Entered, long SentBytes, IReadOnlyDictionary<string, long> Ended, bool MustEnd, double LongestLifeSeconds,
    double PatienceSeconds)
{
    public static AttackFigures Of(Attack attack, AttackCounts counts, TimeSpan patience) => new(
        attack.Name, counts.Opened, attack.MustEnter, counts.Entered, counts.SentBytes, counts.Ended.Counts, attack.MustEnd,
        counts.LongestLife.TotalSeconds, patience.TotalSeconds);

    public IEnumerable<SummaryRow> Rows()
    {
        string ended = string.Join(", ", Ended.Select(static reason => FormattableString.Invariant($"{reason.Key} {reason.Value}")));
        yield return SummaryRow.Of(
            $"{Name} (opened · let in · KiB sent · longest s)", $"{Opened} · {Entered} · {SentBytes / 1024.0:0} · {LongestLifeSeconds:0.0}");
        if (ended.Length > 0)
        {
            yield return SummaryRow.Of($"{Name}: ended", $"{ended}");
        }
    }

    public IEnumerable<string> FindWrong()
    {
        if (Opened == 0 || (MustEnter && Entered == 0))
        {
            yield return $"nobody came as far as to attack by {Name}";
        }

        if (MustEnd && LongestLifeSeconds > PatienceSeconds)
        {
            yield return $"{Name}: the server let a connection live for {LongestLifeSeconds:0.0} s";
        }
    }
}
