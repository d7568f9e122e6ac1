namespace Presence.Engine;

/// <summary>
/// The gaps of an engine clock, so that a moment before a gap can still be told in real time. Bounded: beyond <see cref="Kept"/> gaps the two that are
/// closest for their age become one, at the time of the earlier. So every gap still counts for all moments before it, none counts for a moment after
/// it, and what is coarse is the order of moments and gaps that are long past.
/// </summary>
internal sealed class GapHistory
{
    public const int Kept = 32;

    // Ascending by At; each says how much was left out at that engine time.
    private readonly List<(long At, long Ms)> _gaps = new(Kept);

    /// <param name="engineMs">When; never before the gap added last.</param>
    /// <param name="ms">How long it was.</param>
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
            Merge(engineMs);
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

    private void Merge(long nowMs)
    {
        int closest = 0;
        double least = double.MaxValue;
        for (int i = 0; i + 1 < _gaps.Count; i++)
        {
            double apart = (double)(_gaps[i + 1].At - _gaps[i].At) / (nowMs - _gaps[i].At);
            if (apart < least)
            {
                (closest, least) = (i, apart);
            }
        }

        _gaps[closest] = (_gaps[closest].At, _gaps[closest].Ms + _gaps[closest + 1].Ms);
        _gaps.RemoveAt(closest + 1);
    }
}
