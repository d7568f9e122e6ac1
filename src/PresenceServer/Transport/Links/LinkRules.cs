using System.Globalization;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Configuration;
using Presence.V1;

namespace Presence.Server.Transport.Links;

/// <summary>What a frame of sessions must be. A frame that is not is refused whole and has taken no seq.</summary>
internal sealed class LinkRules(PresenceConfiguration configuration, NewUsers newUsers)
{
    private readonly int _mostIds = configuration.Limits.LinkIds;
    private readonly int _mostUsers = configuration.Limits.ShardUsers;
    private readonly int _mostDevices = configuration.Limits.Devices;

    /// <summary>
    /// Only who is up, or known to the store, may be up at the moment. A set that is named anew is no exception: whom it had before is known.
    /// </summary>
    public bool KnownOnly => newUsers.AreRefused;

    /// <param name="frame">To be judged; its seq has been.</param>
    /// <returns>Why the frame is refused; null when it is not.</returns>
    public Error? Check(in SessionsFrame frame)
    {
        if (frame.Count > _mostIds)
        {
            return new Error
            {
                Code = ErrorCode.Limit,
                Which = LimitNames.LinkIds,
                Allowed = (ulong)_mostIds,
                Message = $"{LimitNames.LinkIds} is {_mostIds}, the frame has {frame.Count}; nothing of it was done. Split it.",
            };
        }

        if (frame.Status is not (Status.Unspecified or Status.Online or Status.Away or Status.Busy))
        {
            return Invalid("status", "status is ONLINE, AWAY or BUSY, or unspecified: as before. Who leaves is in SessionsDown.");
        }

        if (FirstInvalid(frame.Users) is { } bad)
        {
            return Invalid("user_ids", string.Create(
                CultureInfo.InvariantCulture, $"{bad} is not a user id; those are {UserId.Min} to {UserId.Max}. Nothing of the frame was done."));
        }

        return null;
    }

    /// <summary>What to tell of users who did not come up, while the rest of their frames was taken: an Error without a seq.</summary>
    public Error Refused(LinkRefusal reason, RefusedCount refused)
    {
        string who = string.Create(CultureInfo.InvariantCulture, $"{refused.Users} users did not come up, one is {refused.First}");
        if (reason == LinkRefusal.Devices)
        {
            return new Error
            {
                Code = ErrorCode.Limit,
                Which = LimitNames.Devices,
                Allowed = (ulong)_mostDevices,
                Message = $"{who}: {LimitNames.Devices} is {_mostDevices}, and they have as many. Everybody else in their frames was taken.",
            };
        }

        Error overloaded = newUsers.Overloaded();
        overloaded.Message = $"{who}: {WhyNoRoom(reason)}. Everybody else in their frames was taken. Name them again after reconnect_after_ms.";
        return overloaded;
    }

    private string WhyNoRoom(LinkRefusal reason) => reason switch
    {
        LinkRefusal.Memory => "the memory for users (Presence:Store:MemoryBudget) is used up, and they are new",
        LinkRefusal.Store => "they were not up, and the last-active store does not keep up with those who come",
        _ => $"they were not up, and their shard has the {_mostUsers} users it may have (Presence:Limits:ShardUsers)",
    };

    /// <summary>The seq of a frame that is not the next one.</summary>
    public static Error Gap(ulong seq, ulong expected) => new()
    {
        Code = ErrorCode.OutOfOrder,
        Which = "seq",
        Allowed = expected,
        Message = string.Create(
            CultureInfo.InvariantCulture, $"seq {seq} came where {expected} was expected; nothing of the frame was done. Go on from {expected}."),
    };

    private static Error Invalid(string which, string message) => new() { Code = ErrorCode.InvalidArgument, Which = which, Message = message };

    // The usual frame is right: one pass without a branch says so.
    private static ulong? FirstInvalid(ReadOnlySpan<ulong> users)
    {
        ulong bad = 0;
        foreach (ulong id in users)
        {
            // The top bit is set for 0 (by the borrow) and from 2^63 on.
            bad |= id | (id - 1);
        }

        if (bad <= UserId.Max)
        {
            return null;
        }

        foreach (ulong id in users)
        {
            if (!UserId.IsValid(id))
            {
                return id;
            }
        }

        return null;
    }
}
