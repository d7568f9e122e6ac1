using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>What an edge says of a session to the home of its user, a node away.</summary>
public enum ReportKind : byte
{
    /// <summary>The device is live, and is what the report says: it came, came back, or is another in something.</summary>
    Up,

    /// <summary>Its connection is lost; it may come back.</summary>
    Held,

    /// <summary>It is gone.</summary>
    Down,

    /// <summary>Its user has set a status; answered by <see cref="HomeWordKind.Applied"/> or another word of the same token. The device is made if need be.</summary>
    Status,

    /// <summary>All that its user has over HTTP, at any node, ends on purpose, which counts to the user's rate; answered as a status.</summary>
    Left,
}

/// <summary>By what a device is there, at its edge.</summary>
public enum DeviceWay : byte
{
    /// <summary>A connection of a client.</summary>
    Session,

    /// <summary>The link of a gateway.</summary>
    Link,

    /// <summary>A stream over HTTP.</summary>
    Stream,

    /// <summary>A lease over HTTP: there is no connection to be lost, and its home hears of each renewal.</summary>
    Lease,
}

/// <summary>A report; of each kind the fields that mean something.</summary>
public readonly record struct SessionReport(ReportKind Kind, ulong UserId, ulong DeviceKey, ulong SessionId)
{
    public Status Status { get; init; }

    public DeviceKinds Kinds { get; init; }

    public byte[]? Text { get; init; }

    /// <summary>Its user is invisible from now on.</summary>
    public bool Hidden { get; init; }

    /// <summary>Of a device that is named because all are, or because its home is another: its user was invisible as of this version, as far as the edge has heard; null: was not.</summary>
    public ulong? HiddenAsOf { get; init; }

    /// <summary>Of a device that is named: its connection is lost, and it is held. Where it is not known it was given up while its edge was not heard, and does not come up by this.</summary>
    public bool IsHeld { get; init; }

    /// <summary>It came without a word of its status, and its edge has not heard yet what it was: that goes on when the home knows it. Answered by <see cref="HomeWordKind.Said"/>.</summary>
    public bool AsBefore { get; init; }

    /// <summary>The server has set it AWAY.</summary>
    public bool ServerAway { get; init; }

    /// <summary>Of a status: it says again what the device has been saying, which is no choice.</summary>
    public bool IsRepetition { get; init; }

    public DeviceWay Way { get; init; }

    /// <summary>Of a device that is live: its session has just begun, and what a stream says with that may be what it has been saying, at another node.</summary>
    public bool IsComing { get; init; }

    /// <summary>Of a device that is live: it said INVISIBLE last, and what it says next is a choice.</summary>
    public bool SaidInvisible { get; init; }

    /// <summary>Of who has left: somebody saw it there. All sessions up to <see cref="SessionId"/> are over.</summary>
    public bool WasSeen { get; init; }

    /// <summary>Of a status: the edge's, by which the answer finds who asked.</summary>
    public ulong Token { get; init; }

    /// <summary>Unix ms of the last sign of life; negative: there was none that counts.</summary>
    public long LastSeenMs { get; init; }

    /// <summary>Of a device that is held: so much longer than h; negative: so much shorter, since it has been held for so long.</summary>
    public long SlotMs { get; init; }

    /// <summary>Why it is gone.</summary>
    public TransitionCause Cause { get; init; }
}

/// <summary>What a home says to an edge, a node away, beside changes and answers.</summary>
public enum HomeWordKind : byte
{
    /// <summary>A status is applied and durable, here; its state is shown.</summary>
    Applied,

    /// <summary>A status is applied, and a crash may lose it.</summary>
    NotDurable,

    /// <summary>A status was not taken: too many of its user wait.</summary>
    Refused,

    /// <summary>A newer session of the device is on another edge: the one that is named is over.</summary>
    Replaced,

    /// <summary>What a device of the edge counts as: its state's status, kinds and text.</summary>
    Said,

    /// <summary>The user is invisible, or is so no more: for its own sessions.</summary>
    Own,

    /// <summary>Nothing was done of a status: the home of its user is another.</summary>
    NotHome,

    /// <summary>A device was not taken, nor its status: its user has as many as are allowed, at all edges.</summary>
    NoPlace,

    /// <summary>A status waits until its user's rate allows it: its answer takes longer.</summary>
    Waits,

    /// <summary>Its user has ended all that it has over HTTP, at another edge: the device that is named is over.</summary>
    Ended,

    /// <summary>A device was not taken, nor its status: the shard that is home of its user has as many users as it may have.</summary>
    NoRoom,
}

/// <summary>A word; of each kind the fields that mean something.</summary>
public readonly record struct HomeWord(HomeWordKind Kind)
{
    /// <summary>As in the report that is answered.</summary>
    public ulong Token { get; init; }

    public PresenceState State { get; init; }

    public ulong UserId { get; init; }

    public ulong DeviceKey { get; init; }

    public ulong SessionId { get; init; }

    public bool IsInvisible { get; init; }

    /// <summary>The user's, with <see cref="IsInvisible"/>; of a session that was replaced unheard, that by which it was; of one that was ended, as of when.</summary>
    public ulong Version { get; init; }
}
