namespace Presence.LoadClient.Measuring;

/// <summary>Counts by reason.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public long Total { get; private set; }

    public IReadOnlyDictionary<string, long> Counts => _counts;

    public void Add(string reason)
    {
        _counts[reason] = _counts.GetValueOrDefault(reason) + 1;
        Total++;
    }

    public override string ToString() => string.Join(", ", _counts.Select(static count => $"{count.Key} {count.Value}"));
}
