namespace Presence.LoadClient.Measuring;

/// <summary>Counts by reason.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public long Total { get; private set; }

    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>Several taken together.</summary>
    public static Tally Sum(IEnumerable<Tally> tallies)
    {
        var sum = new Tally();
        foreach ((string reason, long count) in tallies.SelectMany(static tally => tally._counts))
        {
            sum.Add(reason, count);
        }

        return sum;
    }

    public void Add(string reason, long count = 1)
    {
        _counts[reason] = _counts.GetValueOrDefault(reason) + count;
        Total += count;
    }

    public override string ToString() => string.Join(", ", _counts.Select(static count => $"{count.Key} {count.Value}"));
}
