namespace Presence.LoadClient.Links;

/// <summary>
/// Goes over the places of a link at a steady rate, whatever became of those before: what is late is taken at once, in larger ranges.
/// </summary>
/// <param name="places">How many there are.</param>
/// <param name="perSecond">Places a second.</param>
/// <param name="start">When the first is due.</param>
/// <param name="first">Where to begin.</param>
/// <param name="rounds">False: ends after the last place; true: goes round for ever.</param>
internal sealed class PlacePace(long places, double perSecond, TimeSpan start, long first, bool rounds)
{
    private long _taken;

    public bool IsDone => !rounds && _taken == places - first;

    /// <summary>Places taken so far, over all rounds.</summary>
    public long Taken => _taken;

    /// <summary>How far behind its time the next place is.</summary>
    public TimeSpan Behind(TimeSpan now)
    {
        TimeSpan behind = now - start - TimeSpan.FromSeconds(_taken / perSecond);
        return behind > TimeSpan.Zero ? behind : TimeSpan.Zero;
    }

    /// <summary>Takes a range of places that are due.</summary>
    /// <param name="most">Of the range.</param>
    /// <param name="place">Its first.</param>
    /// <param name="count">Above zero when true is returned.</param>
    public bool TryTake(TimeSpan now, int most, out long place, out int count)
    {
        place = (first + _taken) % places;
        long due = (long)Math.Floor((now - start).TotalSeconds * perSecond) + 1 - _taken;
        long left = rounds ? places - place : places - first - _taken;
        count = (int)Math.Clamp(due, 0, Math.Min(left, most));
        _taken += count;
        return count > 0;
    }
}
