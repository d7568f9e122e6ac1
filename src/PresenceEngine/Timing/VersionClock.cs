namespace Presence.Engine;

/// <summary>
/// Hybrid logical clock of one home: 48 bits of Unix milliseconds, 6 bits of counter that carry into them, 10 bits of home ordinal.
/// Stamps rise strictly even when the wall clock steps back, and lie above every stamp merged in. For versions and session ids.
/// </summary>
public sealed class VersionClock
{
    /// <summary>A stamp further ahead of our clock than this is not believed.</summary>
    public const long MaxAheadMs = 5_000;

    public const int MaxOrdinal = (1 << OrdinalBits) - 1;

    private const int OrdinalBits = 10;
    private const int MsShift = 16;

    // Less than is believed: who learns such a stamp takes its clock for right.
    private const ulong Unstored = (ulong)(MaxAheadMs - 1_000) << MsShift;

    private readonly ulong _ordinal;

    // The last stamp that was given here, not merged.
    private ulong _own;

    public VersionClock(int ordinal)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)ordinal, (uint)MaxOrdinal, nameof(ordinal));
        _ordinal = (ulong)ordinal;
    }

    /// <summary>
    /// Of a shard's stamps. No two shards of one node have the same, and of no user the shards of two nodes that have as many shards; where the numbers do not suffice (some other shards of more than fifteen nodes) two who say different things of one user in
    /// the same moment, without having heard of each other, may give it the same stamp.
    /// </summary>
    public static int OrdinalOf(ShardAddress shard)
    {
        // Odd, so that all nodes differ, and beyond the shards of one.
        const int NodeStep = 67;
        return (int)((((long)shard.Node * NodeStep) + shard.Shard) % (MaxOrdinal + 1));
    }

    /// <summary>The highest stamp given or merged.</summary>
    public ulong Last { get; private set; }

    public static long MsOf(ulong stamp) => (long)(stamp >> MsShift);

    /// <summary>True when a stamp lies further ahead than honest clocks differ.</summary>
    public static bool IsFromTheFuture(ulong stamp, long wallMs) => MsOf(stamp) > wallMs + MaxAheadMs;

    /// <summary>A stamp above all before it and above <paramref name="above"/>.</summary>
    public ulong Next(long wallMs, ulong above = 0)
    {
        Merge(above);
        ulong candidate = ((ulong)wallMs << MsShift) | _ordinal;
        if (candidate <= Last)
        {
            candidate = (((Last >> OrdinalBits) + 1) << OrdinalBits) | _ordinal;
        }

        return _own = Last = candidate;
    }

    /// <summary>A stamp that no other has: none that <see cref="Above"/> gives later is the same.</summary>
    public ulong Apart(long wallMs)
    {
        ulong stamp = Next(wallMs);
        _own = 0;
        return stamp;
    }

    /// <summary>
    /// A stamp above <paramref name="above"/> and not below any before it; others may have the same. For versions: they must rise for each
    /// user, not over all users, and a million users who come in a second would take the clock minutes ahead of the wall's if each took a
    /// stamp of its own.
    /// </summary>
    public ulong Above(ulong above, long wallMs)
    {
        // What was merged in is another home's, which may have said something else of the same user under it.
        bool isOwn = _own == Last && wallMs <= MsOf(Last);
        return isOwn && above < Last ? Last : Next(wallMs, above);
    }

    /// <summary>A stamp above <paramref name="above"/> that is of no later than need be: of a moment that is over.</summary>
    /// <param name="ms">The moment, Unix milliseconds; negative: not known.</param>
    /// <param name="above">Of the same user.</param>
    /// <param name="wallMs">Now.</param>
    public ulong AsOf(long ms, ulong above, long wallMs)
    {
        ulong stamp = Math.Max((((above >> OrdinalBits) + 1) << OrdinalBits) | _ordinal, ((ulong)Math.Max(ms, 0) << MsShift) | _ordinal);
        return stamp <= Last || MsOf(stamp) < wallMs ? stamp : Above(above, wallMs);
    }

    /// <summary>
    /// Goes on from the highest stamp that the process before has stored. What it gave since is lost, but not to others; were the wall clock behind that now,
    /// the same stamp could be given twice. A process that is killed and started again and again must not run away from the wall clock by that: what is further
    /// ahead than one start may take it tells that the wall clock has gone back, and only then is it left behind further.
    /// </summary>
    public void GoOnFrom(ulong stored, long wallMs)
    {
        if (stored == 0)
        {
            return;
        }

        ulong wall = (ulong)wallMs << MsShift;
        bool wentBack = stored > wall + Unstored;
        Merge((wentBack ? stored : Math.Min(stored, wall)) + Unstored);
    }

    /// <summary>Learns a stamp of another clock.</summary>
    public void Merge(ulong stamp) => Last = Math.Max(Last, stamp);
}
