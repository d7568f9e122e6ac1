using System.Text;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Server.Admin;

/// <summary>A state as the message that says it.</summary>
internal static class Entries
{
    public static PresenceEntry Of(in PresenceState state)
    {
        var entry = new PresenceEntry
        {
            UserId = state.UserId,
            Version = state.Version,
            Status = state.Status,
            StatusText = TextOf(state.StatusText),
            Reset = state.Reset,
        };
        entry.DeviceKinds.AddRange(KindsOf(state.Kinds));
        if (state.LastActiveMs >= 0 && state.Status == Status.Offline)
        {
            entry.LastActiveMs = (ulong)state.LastActiveMs;
        }

        if (state.AsOfMs >= 0)
        {
            entry.AsOfMs = (ulong)state.AsOfMs;
        }

        return entry;
    }

    public static IEnumerable<DeviceKind> KindsOf(DeviceKinds kinds) =>
        Enum.GetValues<DeviceKind>().Where(kind => (DeviceKindSet.Of(kind) & kinds) != 0);

    public static string TextOf(byte[]? text) => text is null ? "" : Encoding.UTF8.GetString(text);
}
