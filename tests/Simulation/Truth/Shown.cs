using Presence.Engine;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>What was shown of a user under one version.</summary>
/// <param name="LastActiveMs">Unix ms; -1 unless OFFLINE and known.</param>
internal readonly record struct Shown(Status Status, DeviceKinds Kinds, long LastActiveMs)
{
    public static readonly Shown NeverSeen = new(Status.Offline, DeviceKinds.None, -1);

    public static Shown Of(in UserRecord record) => new(
        (Status)record.Status,
        (DeviceKinds)(record.Flags >> 1),
        (Status)record.Status == Status.Offline ? record.LastActiveMs : -1);

    public static Shown Of(PresenceEntry entry) => new(
        entry.Status,
        entry.DeviceKinds.Aggregate(DeviceKinds.None, (all, kind) => all | DeviceKindSet.Of(kind)),
        entry.HasLastActiveMs ? (long)entry.LastActiveMs : -1);

    public override string ToString() => Status == Status.Offline ? $"OFFLINE since {LastActiveMs}" : $"{Status} {Kinds}";
}
