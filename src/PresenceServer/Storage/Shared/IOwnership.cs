namespace Presence.Server.Storage.Shared;

/// <summary>What this node knows of whose home it is. Any thread; no call blocks or throws.</summary>
internal interface IOwnership
{
    /// <summary>
    /// This node has been the home of the user without a break since before that version was given: nobody else can have written a newer record. False for version 0, of which
    /// nobody knows when that was.
    /// </summary>
    bool HasOwnedSince(ulong userId, ulong version);

    /// <summary>This node is the home of the user now.</summary>
    bool IsHome(ulong userId);
}
