using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>A user's record in the store, from and to what the engine keeps. Flags: bit 0 invisible, bits 1-7 the visible device kinds.</summary>
/// <remarks>
/// A record that is OFFLINE without a last-active time is of a user whom nobody has ever seen: who was visible once left at a known time. It keeps that the
/// user chose to be invisible, or chose so no more. Its version orders it among the writes and is shown to nobody: to others the user stays
/// never seen, to the byte.
/// </remarks>
internal static class Records
{
    private const int KindsShift = 1;

    public static UserRecord Of(in PresenceState state, long trueLastActiveMs, bool invisible) => new(
        state.UserId,
        state.Version,
        state.LastActiveMs,
        trueLastActiveMs,
        (byte)state.Status,
        (byte)(((byte)state.Kinds << KindsShift) | (invisible ? UserRecordFlags.Invisible : 0)));

    /// <summary>The version that others are told; 0 when there is no record, or one of a user nobody has seen.</summary>
    public static ulong ShownVersion(in UserRecord record) =>
        (Status)record.Status == Status.Offline && record.LastActiveMs < 0 ? 0 : record.Version;

    /// <summary>What the record says was visible, whether it still holds or not.</summary>
    public static PresenceState StateOf(ulong userId, in UserRecord record)
    {
        PresenceState state = PresenceState.NeverSeen(userId);
        if (ShownVersion(record) == 0)
        {
            return state;
        }

        state.Version = record.Version;
        state.Status = (Status)record.Status;
        state.Kinds = KindsOf(record);
        state.LastActiveMs = state.Status == Status.Offline ? record.LastActiveMs : PresenceState.NoTime;
        return state;
    }

    public static bool IsInvisible(in UserRecord record) => (record.Flags & UserRecordFlags.Invisible) != 0;

    public static DeviceKinds KindsOf(in UserRecord record) => (DeviceKinds)(record.Flags >> KindsShift);
}
