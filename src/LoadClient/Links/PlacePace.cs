namespace Presence.LoadClient.Links;

/// <summary>
/// Goes over the places of a link at a steady rate, whatever became of those before: what is late is taken at once, in larger ranges. Who
/// is late by a whole round takes one turn, not two.
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

    /// <summary>Whole rounds that were left out because the one after them was due as well.</summary>
    public long RoundsLeftOut { get; private set; }

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
        long due = (long)Math.Floor((now - start).TotalSeconds * perSecond) + 1 - _taken;
        if (rounds && due > places)
        {
            (long late, due) = Math.DivRem(due, places);
            RoundsLeftOut += late;
            _taken += late * places;
        }

        place = (first + _taken) % places;
        long left = rounds ? places - place : places - first - _taken;
        count = (int)Math.Clamp(due, 0, Math.Min(left, most));
        _taken += count;
        return count > 0;
    }
}
