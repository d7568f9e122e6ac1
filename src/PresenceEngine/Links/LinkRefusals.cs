namespace Presence.Engine;

/// <summary>Why a user did not come up on a link.</summary>
public enum LinkRefusal
{
    /// <summary>It has as many devices as are allowed.</summary>
    Devices,

    /// <summary>There is no room for a user the store has no record of.</summary>
    Memory,

    /// <summary>It was not in memory, and the store does not keep up with those who come.</summary>
    Store,

    /// <summary>The shard has as many users as it may have.</summary>
    Users,
}

/// <summary>Hears of users who did not come up on a link although it named them.</summary>
public interface ILinkRefusals
{
    /// <summary>Called on the shard's thread, some turns after the batch may have been done; must neither block nor throw.</summary>
    void Refuse(ulong userId, LinkRefusal reason);
}
