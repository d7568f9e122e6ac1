namespace Presence.Engine;

/// <summary>
/// The gaps of an engine clock in real time. Bounded: beyond <see cref="Kept"/> gaps the two that are closest for their age become one, which ends as the
/// later did. So the sum of all stays exact, and what is coarse is the order of moments and gaps that are long past: who was heard between two that became
/// one is taken for younger than it is, never for older, so that nobody expires too early. One thread adds, any may ask.
/// </summary>
internal sealed class GapHistory
{
    public const int Kept = 32;

    // Ascending; replaced as a whole, so that who asks meanwhile sees what was or what is.
    private Gap[] _gaps = [];

    /// <param name="at">When it began; never before the end of the gap added last.</param>
    /// <param name="ms">How long it was.</param>
    public void Add(long at, long ms)
    {
        if (ms > 0)
        {
            Volatile.Write(ref _gaps, With(_gaps, at, ms));
        }
    }

    /// <summary>All that was left out before a moment; within a gap, of that what had passed.</summary>
    public long Before(long moment)
    {
        Gap[] gaps = Volatile.Read(ref _gaps);
        for (int i = gaps.Length - 1; i >= 0; i--)
        {
            if (moment >= gaps[i].At)
            {
                return gaps[i].Before + Math.Min(gaps[i].Ms, moment - gaps[i].At);
            }
        }

        return 0;
    }

    private static Gap[] With(Gap[] gaps, long at, long ms)
    {
        if (gaps is not [.., var last])
        {
            return [new(at, ms, 0)];
        }

        if (last.At + last.Ms == at)
        {
            return [.. gaps[..^1], last with { Ms = last.Ms + ms }];
        }

        var added = new Gap(at, ms, last.Before + last.Ms);
        return gaps.Length < Kept ? [.. gaps, added] : [.. Merged(gaps, at), added];
    }

    private static Gap[] Merged(Gap[] gaps, long now)
    {
        int closest = 0;
        double least = double.MaxValue;
        for (int i = 0; i + 1 < gaps.Length; i++)
        {
            double apart = (double)(gaps[i + 1].At - gaps[i].At) / (now - gaps[i].At);
            if (apart < least)
            {
                (closest, least) = (i, apart);
            }
        }

        (Gap earlier, Gap later) = (gaps[closest], gaps[closest + 1]);
        var merged = new Gap(later.At - earlier.Ms, earlier.Ms + later.Ms, earlier.Before);
        return [.. gaps[..closest], merged, .. gaps[(closest + 2)..]];
    }

    /// <param name="At">When it began.</param>
    /// <param name="Ms">How long it was.</param>
    /// <param name="Before">What had been left out before.</param>
    private readonly record struct Gap(long At, long Ms, long Before);
}
