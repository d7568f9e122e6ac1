using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>What a batch says of its users.</summary>
public enum LinkVerb : byte
{
    /// <summary>They are up, with this status and kind.</summary>
    Up,

    /// <summary>They have been heard of; who was not up comes up.</summary>
    Beat,

    /// <summary>They have left, as after a Goodbye; who was not up is passed over.</summary>
    Down,
}

/// <summary>What became of a batch.</summary>
/// <param name="CameUp">Users who were not up on this link before.</param>
/// <param name="WentDown">Users who were.</param>
/// <param name="PassedOver">Downs of users who were not up.</param>
public readonly record struct LinkTally(int CameUp, int WentDown, int PassedOver);

/// <summary>
/// The users of one frame of a gateway link that belong to one shard. A status that comes this way is the gateway's word for its users and
/// is not delayed by <see cref="ShardOptions.StatusChanges"/>; it never ends INVISIBLE, which only the user does. The host may use the
/// object again after <see cref="Done"/>.
/// </summary>
public abstract class LinkBatch : LinkMessage
{
    // How much an up or a down costs, in beats.
    private const int ChangeCost = 8;

    private int _next;
    private LinkTally _tally;

    /// <summary>Ordinal of the gateway.</summary>
    public int Gateway { get; set; }

    public LinkVerb Verb { get; set; }

    /// <summary>Of an up: ONLINE, AWAY or BUSY; unspecified: as before for who is up, else ONLINE.</summary>
    public Status Status { get; set; }

    /// <summary>Of an up; none: as before.</summary>
    public DeviceKinds Kinds { get; set; }

    /// <summary>
    /// Who is not up, and of whom the store turns out to have no record, is refused; counted as come up until that is known. For hosts without room
    /// for new users.
    /// </summary>
    public bool KnownOnly { get; set; }

    /// <summary>Who is not in memory is refused. For hosts whose store does not keep up: nobody is to be loaded.</summary>
    public bool PresentOnly { get; set; }

    /// <summary>Valid ids in the first <see cref="Count"/> places; read, never kept.</summary>
    public ulong[] UserIds { get; set; } = [];

    public int Count { get; set; }

    internal override int Of => Gateway;

    /// <summary>
    /// All ids have been applied. Called on the shard's thread, exactly once for each time it was posted; must neither block nor throw.
    /// </summary>
    protected internal abstract void Done(in LinkTally tally);

    internal override bool Advance(Shard shard, GatewayLink link, ref int budget)
    {
        int cost = Verb == LinkVerb.Beat ? 1 : ChangeCost;
        int slice = Math.Min(Count - _next, Math.Max(1, budget / cost));
        LinkTally applied = shard.Links.Sessions.Apply(link, this, UserIds.AsSpan(_next, slice));
        _next += slice;
        _tally = new(
            _tally.CameUp + applied.CameUp,
            _tally.WentDown + applied.WentDown,
            _tally.PassedOver + applied.PassedOver);
        budget -= (slice * cost) + (Verb == LinkVerb.Beat ? applied.CameUp * ChangeCost : 0);
        if (_next < Count)
        {
            return false;
        }

        LinkTally tally = _tally;
        _next = 0;
        _tally = default;
        Done(tally);
        return true;
    }
}
