using Presence.Engine;

namespace Presence.Server.Transport.Links;

/// <summary>
/// Users who did not come up although their gateway named them, until it is told: how many and the first, by reason. However many there are, it is told no
/// oftener than <see cref="LinkUpkeep"/> looks. Any shard's thread adds.
/// </summary>
internal sealed class RefusedUsers : ILinkRefusals
{
    /// <summary>All there can be.</summary>
    public static readonly LinkRefusal[] Reasons = Enum.GetValues<LinkRefusal>();

    private readonly Lock _gate = new();
    private readonly RefusedCount[] _untold = new RefusedCount[Reasons.Length];
    private readonly long[] _all = new long[Reasons.Length];

    /// <summary>Since the gateway was first heard of.</summary>
    public long Total => Reasons.Sum(reason => Volatile.Read(ref _all[(int)reason]));

    /// <summary>Of them, those who were counted as come up before.</summary>
    public long AfterUp => Volatile.Read(ref _all[(int)LinkRefusal.Memory]);

    public void Refuse(ulong userId, LinkRefusal reason)
    {
        Interlocked.Increment(ref _all[(int)reason]);
        Add(reason, new(1, userId));
    }

    /// <summary>Takes what the gateway has not been told.</summary>
    /// <returns>False when there is nothing.</returns>
    public bool TryTake(LinkRefusal reason, out RefusedCount refused)
    {
        lock (_gate)
        {
            refused = _untold[(int)reason];
            _untold[(int)reason] = default;
            return refused.Users > 0;
        }
    }

    /// <summary>It could not be told.</summary>
    public void GiveBack(LinkRefusal reason, RefusedCount refused) => Add(reason, refused);

    private void Add(LinkRefusal reason, RefusedCount refused)
    {
        lock (_gate)
        {
            ref RefusedCount untold = ref _untold[(int)reason];
            untold = untold.Users == 0 ? refused : untold with { Users = untold.Users + refused.Users };
        }
    }
}

/// <param name="Users">How many.</param>
/// <param name="First">One of them.</param>
internal readonly record struct RefusedCount(long Users, ulong First);
