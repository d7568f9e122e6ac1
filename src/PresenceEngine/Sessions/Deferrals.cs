using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// Devices that were here before and whose Hello came when the node had no time for it: each was given a slot at which to come again. That Hello is a sign of life: who obeys is
/// held until its slot and h beyond it, however long the queue is, and nobody sees it go.
/// </summary>
internal sealed class Deferrals(Shard shard)
{
    private readonly UserTable _users = shard.Users;
    private readonly ShardTime _time = shard.Time;

    // Users of before a restart, and until when (engine time) they are shown as before: longer than the others.
    private readonly Dictionary<ulong, long> _recovering = [];

    public void Hold(SessionDeferred deferred)
    {
        int entry = _users.Find(deferred.UserId);
        int node = entry >= 0 ? _users.FindDevice(entry, deferred.DeviceKey) : -1;
        if (node >= 0)
        {
            Hold(node, deferred);
        }
        else if (shard.IsRecovering)
        {
            HoldRecovering(entry, deferred);
        }

        // Else its session is over, or was never here: it comes as a new one.
    }

    /// <summary>Until when a user of before a restart is shown as before because it was told to come back, engine time; 0: as all others.</summary>
    public long RecoveringUntil(ulong userId) => _recovering.GetValueOrDefault(userId);

    /// <summary>A user who is about to be loaded is shown as before for so long, if it was.</summary>
    public void Expect(ulong userId, long forMs) => _recovering[userId] = Math.Max(RecoveringUntil(userId), _time.Now + forMs);

    /// <summary>It has come back, or there is nothing to show.</summary>
    public void Recovered(ulong userId) => _recovering.Remove(userId);

    private void Hold(int node, SessionDeferred deferred)
    {
        ref Device device = ref _users.DeviceAt(node);
        if (device.Connection >= 0)
        {
            // The connection it had before lingers here: its client has left it.
            shard.Edge.Close(shard.Connections[device.Connection], CloseCode.Replaced);
        }

        if (device.State == DeviceState.Held)
        {
            device.LastSeenMs = (uint)Math.Min(deferred.Stamp, _time.Stamp);
            shard.Deadlines.ArmHold(node, deferred.SlotMs);
            shard.Homes.Held(node, deferred.SlotMs);
            shard.Counters.SessionsDeferred++;
        }
    }

    // What was shown is known once its record is loaded; who has come since the restart and gone has nothing that could be held.
    private void HoldRecovering(int entry, SessionDeferred deferred)
    {
        int phantom = entry >= 0 ? _users.FindDevice(entry, Recovery.PhantomKey) : -1;
        bool isToBeLoaded = entry >= 0 ? _users[entry].Has(UserFlags.Loading) : Recovery.TryJudge(shard, deferred.UserId);
        if (phantom < 0 && !isToBeLoaded)
        {
            return;
        }

        // One phantom stands for all its devices: for the one that is told to come last.
        _recovering[deferred.UserId] = Math.Max(RecoveringUntil(deferred.UserId), _time.Now + deferred.SlotMs + shard.Options.HoldMs);
        shard.Counters.SessionsDeferred++;
        if (phantom >= 0)
        {
            shard.Home.ArmRecovering(phantom);
        }
    }
}
