using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>What is visible of a user.</summary>
internal readonly record struct Visible(Status Status, DeviceKinds Kinds, byte[]? Text)
{
    public static readonly Visible Offline = new(Status.Offline, DeviceKinds.None, null);
}

/// <summary>Many devices, one user: BUSY over ONLINE over AWAY over OFFLINE. An invisible user folds to OFFLINE.</summary>
internal static class Fold
{
    public static Visible Of(UserTable users, StatusTexts deviceTexts, int entry) =>
        users[entry].Has(UserFlags.Invisible) ? Visible.Offline : OfDevices(users, deviceTexts, entry);

    /// <summary>The same as if the user were not invisible: for operators and nobody else.</summary>
    public static Visible OfDevices(UserTable users, StatusTexts deviceTexts, int entry)
    {
        var best = Visible.Offline;
        ulong newest = 0;
        foreach (int node in users.DevicesOf(entry))
        {
            ref Device device = ref users.DeviceAt(node);
            if (!device.IsInFold)
            {
                continue;
            }

            Status status = device.Effective;
            DeviceKinds kinds = best.Kinds | device.Kinds;
            // Between equals the text of the newest session is shown: a rule that no order of arrival can change.
            bool wins = status > best.Status || (status == best.Status && device.SessionId > newest);
            best = wins ? new(status, kinds, deviceTexts.Of(node)) : best with { Kinds = kinds };
            newest = wins ? device.SessionId : newest;
        }

        return best;
    }
}
