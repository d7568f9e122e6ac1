using System.Diagnostics.CodeAnalysis;
using Presence.V1;

namespace Presence.Protocol;

/// <summary>
/// What is shown of one user: the plain form of <see cref="PresenceEntry"/> that the engine keeps and the encoders read. A <c>default</c>
/// value is not a state: start from <see cref="NeverSeen"/>.
/// </summary>
[SuppressMessage("Design", "CA1051", Justification = "A slab record: changed in place through a reference.")]
public struct PresenceState
{
    /// <summary>
    /// The value of <see cref="LastActiveMs"/> and <see cref="AsOfMs"/> that stands for "not known"; the field is then not sent.
    /// </summary>
    public const long NoTime = -1;

    public ulong UserId;

    /// <summary>The highest wins; 0: never seen.</summary>
    public ulong Version;

    /// <summary>Unix milliseconds, or <see cref="NoTime"/>; shown only when OFFLINE.</summary>
    public long LastActiveMs;

    /// <summary>Unix milliseconds, or <see cref="NoTime"/>; only with UNKNOWN.</summary>
    public long AsOfMs;

    /// <summary>
    /// Valid UTF-8, at most <see cref="ProtocolLimits.MaxStatusTextBytes"/>; null or empty: none. Never changed in place: it may be shared.
    /// </summary>
    public byte[]? StatusText;

    public Status Status;

    public DeviceKinds Kinds;

    /// <summary>The version the client sent was from the future; it forgets that one and takes this.</summary>
    public bool Reset;

    /// <summary>The answer for a user nobody has heard of: OFFLINE, version 0, no last-active time.</summary>
    public static PresenceState NeverSeen(ulong userId) =>
        new() { UserId = userId, Status = Status.Offline, LastActiveMs = NoTime, AsOfMs = NoTime };

    /// <summary>The answer while nobody can say anything of the user; <paramref name="asOfMs"/> is when somebody last could, or <see cref="NoTime"/>.</summary>
    public static PresenceState Unknown(ulong userId, long asOfMs) =>
        new() { UserId = userId, Status = Status.Unknown, LastActiveMs = NoTime, AsOfMs = asOfMs };
}
