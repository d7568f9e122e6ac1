namespace Presence.Engine;

/// <summary>The last gaps of an engine clock, so that a moment before a gap can still be told in real time. Bounded: old gaps merge.</summary>
internal sealed class GapHistory
{
    private const int Kept = 32;

    // Ascending by At; each says how much was left out at that engine time.
    private readonly List<(long At, long Ms)> _gaps = new(Kept);

    public void Add(long engineMs, long ms)
    {
        if (ms == 0)
        {
            return;
        }

        int last = _gaps.Count - 1;
        if (last >= 0 && _gaps[last].At == engineMs)
        {
            _gaps[last] = (engineMs, _gaps[last].Ms + ms);
            return;
        }

        if (_gaps.Count == Kept)
        {
            _gaps.RemoveAt(0);
        }

        _gaps.Add((engineMs, ms));
    }

    /// <summary>All that was left out at or after <paramref name="engineMs"/>.</summary>
    public long After(long engineMs)
    {
        long sum = 0;
        for (int i = _gaps.Count - 1; i >= 0 && _gaps[i].At >= engineMs; i--)
        {
            sum += _gaps[i].Ms;
        }

        return sum;
    }
}
