namespace Presence.Client.Connections;

/// <summary>Full-jitter exponential back-off: the n-th wait in a row is uniform in 0 … min(d, 0.5 s × 2ⁿ).</summary>
internal sealed class BackOff(Random random)
{
    internal static readonly TimeSpan Base = TimeSpan.FromSeconds(0.5);

    // 0.5 s × 2^20 is six days: above any interval, below any overflow.
    private const int LastDoubling = 20;

    private int _failures;

    /// <summary>The longest that the next wait can be.</summary>
    /// <param name="cap">d; the first wait may be shorter than 0.5 s when d is.</param>
    public TimeSpan Ceiling(TimeSpan cap)
    {
        TimeSpan grown = Base * (1L << _failures);
        return grown < cap ? grown : cap;
    }

    public TimeSpan Next(TimeSpan cap)
    {
        TimeSpan wait = Ceiling(cap) * random.NextDouble();
        _failures = Math.Min(_failures + 1, LastDoubling);
        return wait;
    }

    public void Reset() => _failures = 0;
}
