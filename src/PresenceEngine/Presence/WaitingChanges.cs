using Presence.V1;

namespace Presence.Engine;

/// <summary>Changes of one user that wait, oldest first and bounded. The newest is never the one that must go.</summary>
internal static class WaitingChanges
{
    /// <returns>The change that was taken out to make room; null when there was some.</returns>
    public static StatusChange? Add(List<StatusChange> waiting, StatusChange change)
    {
        StatusChange? displaced = null;
        if (waiting.Count >= StatusThrottle.MaxWaiting)
        {
            int place = PlaceToClear(waiting, change);
            displaced = waiting[place];
            waiting.RemoveAt(place);
        }

        waiting.Add(change);
        return displaced;
    }

    /// <summary>Takes out what one device has said.</summary>
    public static List<StatusChange> TakeOf(ulong deviceKey, List<StatusChange> waiting)
    {
        List<StatusChange> taken = waiting.FindAll(change => change.DeviceKey == deviceKey);
        waiting.RemoveAll(change => change.DeviceKey == deviceKey);
        return taken;
    }

    // The oldest that a newer one of its device has made void. INVISIBLE is the user's: no device's later word does that to it. With more
    // devices than places, which only those that have left since can be, the oldest goes.
    private static int PlaceToClear(List<StatusChange> waiting, StatusChange newest)
    {
        for (int place = 0; place < waiting.Count; place++)
        {
            if (waiting[place].Status != Status.Invisible && IsVoid(waiting, place, newest))
            {
                return place;
            }
        }

        return Math.Max(0, waiting.FindIndex(change => change.Status != Status.Invisible));
    }

    private static bool IsVoid(List<StatusChange> waiting, int place, StatusChange newest)
    {
        ulong device = waiting[place].DeviceKey;
        return device == newest.DeviceKey || waiting.FindIndex(place + 1, change => change.DeviceKey == device) >= 0;
    }
}
