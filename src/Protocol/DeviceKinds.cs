using Presence.V1;

namespace Presence.Protocol;

/// <summary>The kinds of a user's live devices as a set: bit (kind − 1) for each <see cref="DeviceKind"/> 1 … 7.</summary>
[Flags]
public enum DeviceKinds : byte
{
    None = 0,
    Mobile = 1 << 0,
    Desktop = 1 << 1,
    Web = 1 << 2,
    Tablet = 1 << 3,
    Console = 1 << 4,
    VR = 1 << 5,
    Service = 1 << 6,
}

/// <summary>From one kind to the set that holds it.</summary>
public static class DeviceKindSet
{
    /// <summary>The set of that one kind; empty for unspecified and for kinds of a newer client.</summary>
    public static DeviceKinds Of(DeviceKind kind) =>
        (int)kind is >= 1 and <= 7 ? (DeviceKinds)(1 << ((int)kind - 1)) : DeviceKinds.None;
}
