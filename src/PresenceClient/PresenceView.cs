using Presence.V1;

namespace Presence.Client;

/// <summary>What is shown of one user. Immutable.</summary>
public sealed record PresenceView
{
    /// <summary>1 … 2^63−1.</summary>
    public required ulong UserId { get; init; }

    /// <summary>Rises with every change of the user; 0: the server has never seen this user.</summary>
    public ulong Version { get; init; }

    /// <summary>Online, Away, Busy or Offline; Unknown while the server cannot say and nothing was known before.</summary>
    public Status Status { get; init; } = Status.Unknown;

    /// <summary>The last sign of life of a user who is offline (UTC, to the millisecond); null when not offline or not known.</summary>
    public DateTimeOffset? LastActive { get; init; }

    /// <summary>What the user wrote beside the status, at most 128 bytes of UTF-8; empty when nothing.</summary>
    public string StatusText { get; init; } = "";

    /// <summary>The kinds of the devices the user is live on; empty when offline.</summary>
    public IReadOnlyList<DeviceKind> Devices { get; init; } = [];

    /// <summary>
    /// True: this was true once and may no longer be, because the client is disconnected or has not been told everything since it came
    /// back, or because the server cannot reach the user's home at the moment.
    /// </summary>
    public bool IsStale { get; init; }

    /// <summary>When the server last knew, where it says so (only while it cannot say more); else null.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>True when both would be shown alike: everything but the version is equal.</summary>
    internal bool LooksLike(PresenceView other) =>
        UserId == other.UserId && Status == other.Status && LastActive == other.LastActive && StatusText == other.StatusText
        && IsStale == other.IsStale && AsOf == other.AsOf && Devices.SequenceEqual(other.Devices);
}
