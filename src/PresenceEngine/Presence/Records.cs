using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>A user's record in the store, from and to what the engine keeps. Flags: bit 0 invisible, bits 1-7 the visible device kinds.</summary>
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

    /// <summary>What the record says was visible, whether it still holds or not.</summary>
    public static PresenceState StateOf(ulong userId, in UserRecord record)
    {
        PresenceState state = PresenceState.NeverSeen(userId);
        if (record.Version == 0)
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
