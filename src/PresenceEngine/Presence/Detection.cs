namespace Presence.Engine;

/// <summary>
/// How long a truth takes to become a transition, milliseconds, by its cause. UP: from the turn that took the session up; what is measured is the store's answer. EXPLICIT: from the last frame
/// read of the connection, unless it was delayed; over HTTP it is not measured. GOODBYE: the same, or from when the gateway said it. HOLD_OVER: from the last frame, the hold and the time in
/// which the network said nothing included. SILENT, LEASE_OVER: from the deadline, engine time: as a rule d + 2δ after the last frame. ACTIVITY, RECOVERING_OVER: not measured, nobody knows their moment.
/// </summary>
internal static class Detection
{
    public const long NotMeasured = -1;

    /// <summary>Of a user who has been loaded.</summary>
    public static long OfComing(Shard shard, int entry)
    {
        foreach (int node in shard.Users.DevicesOf(entry))
        {
            ref Device device = ref shard.Users.DeviceAt(node);
            if (device.State == DeviceState.Live)
            {
                return shard.Time.Stamp - shard.Edge.LastSeen(device);
            }
        }

        return NotMeasured;
    }

    /// <summary>Of a device that is about to go.</summary>
    /// <param name="shard">Its own.</param>
    /// <param name="device">As it still is.</param>
    /// <param name="lastSeenMs">Unix ms of its last sign of life.</param>
    /// <param name="cause">Why it goes.</param>
    public static long OfGoing(Shard shard, in Device device, long lastSeenMs, TransitionCause cause)
    {
        return cause switch
        {
            TransitionCause.Goodbye when device.Connection >= 0 => shard.Time.Stamp - shard.Edge.LastSeen(device),
            TransitionCause.Goodbye or TransitionCause.HoldOver => shard.Time.WallMs - lastSeenMs,
            TransitionCause.Silent or TransitionCause.LeaseOver => Math.Max(0, shard.Time.Now - SilentAt(shard, device)),
            _ => NotMeasured,
        };
    }

    private static long SilentAt(Shard shard, in Device device)
    {
        long lastSeen = shard.Edge.LastSeen(device);
        return device.IsOnLink
            ? shard.Links.Of(device).SilentAt(shard.Time.EngineOf(lastSeen), shard.Time.Now)
            : shard.Deadlines.SilentAt(device, lastSeen);
    }
}
