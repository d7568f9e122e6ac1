namespace Presence.LoadClient.Links;

/// <summary>
/// What one link has been told by WatchAll, as a count and a sum over the numbers of the changes: two links that were told of the same
/// changes, each once and in whatever order, have the same.
/// </summary>
internal sealed class Witness
{
    private ulong _sum;

    /// <summary>The first change that it must be told of.</summary>
    public long From { get; private set; }

    /// <summary>It was there from the first change on.</summary>
    public bool IsWhole { get; private set; } = true;

    public long Told { get; private set; }

    public void Begin(long from)
    {
        IsWhole = From == from;
        (From, Told, _sum) = (from, 0, 0);
    }

    public void Tell(long change)
    {
        Told++;
        _sum += SplitMix.Of((ulong)change);
    }

    /// <summary>Whether it was told of exactly the changes below a number.</summary>
    public bool HasSeenAll(long below)
    {
        if (Told != below)
        {
            return false;
        }

        ulong sum = 0;
        for (long change = 0; change < below; change++)
        {
            sum += SplitMix.Of((ulong)change);
        }

        return sum == _sum;
    }
}
