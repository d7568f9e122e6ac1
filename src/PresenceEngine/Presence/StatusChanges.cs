using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// Explicit statuses of users who are loaded: applied at once or when the user's rate allows, and answered exactly once. Taking over what was
/// said, settling and answering are apart, so that several changes are one transition with one version.
/// </summary>
internal sealed class StatusChanges(Shard shard)
{
    private readonly UserTable _users = shard.Users;
    private readonly Presences _presences = shard.Presences;
    private readonly StatusThrottle _throttle = new(shard.Options);

    /// <summary>Changes that wait for their turn.</summary>
    public int Waiting => _throttle.Waiting;

    public void Take(StatusChange change)
    {
        if (_throttle.Admits(change.UserId, shard.Time.Now, IsUrgent(change)))
        {
            Apply(change);
        }
        else
        {
            Delay(change);
        }
    }

    public void CountLeaving(ulong userId) => _throttle.Admits(userId, shard.Time.Now, always: true);

    /// <summary>Applies delayed changes whose time has come.</summary>
    public void Release()
    {
        while (_throttle.TryRelease(shard.Time.Now, out List<StatusChange>? changes))
        {
            // The latest of each device wins; all are acked with the version of the one transition.
            Put(changes);
            if (_users.Find(changes[^1].UserId) is >= 0 and var entry && shard.Home.HandOver.Follow(entry))
            {
                // By a ring whose walk has not come to it: its home, if it is this one, knows nothing of it yet.
                changes.ForEach(change => change.NotHome(shard));
                continue;
            }

            Settle(changes[^1].UserId, Detection.NotMeasured);
            Answer(changes);
        }
    }

    /// <summary>Takes over before its turn what a user's devices have said; to be settled, then answered.</summary>
    public IReadOnlyList<StatusChange> PutWaiting(ulong userId)
    {
        IReadOnlyList<StatusChange> waiting = _throttle.Supersede(userId);
        Put(waiting);
        return waiting;
    }

    /// <summary>The same of one device; what others have said waits on.</summary>
    public IReadOnlyList<StatusChange> PutWaiting(ulong userId, ulong deviceKey)
    {
        IReadOnlyList<StatusChange> waiting = _throttle.Supersede(userId, deviceKey);
        Put(waiting);
        return waiting;
    }

    public void Answer(IReadOnlyList<StatusChange> changes)
    {
        foreach (StatusChange change in changes)
        {
            Answer(change);
        }
    }

    private void Delay(StatusChange change)
    {
        shard.Counters.StatusesDelayed++;
        shard.Counters.Limits.Hit(LimitNames.StatusChanges);
        change.Waits();
        if (_throttle.Delay(change, shard.Time.Now) is { } displaced)
        {
            Answer(displaced);
        }
    }

    // Leaving from sight is never delayed: offline is at once (P4), and privacy does not wait.
    private static bool IsUrgent(StatusChange change) => change.Status is Status.Offline or Status.Invisible;

    // What waits is never left out, so that the end is as if nobody had waited. INVISIBLE is the user's and shows nothing of what the devices
    // said before; a device's own word is for what it said itself, no more.
    private void Apply(StatusChange change)
    {
        IReadOnlyList<StatusChange> superseded =
            change.Status == Status.Invisible ? PutWaiting(change.UserId) : PutWaiting(change.UserId, change.DeviceKey);
        Put(change);
        Settle(change.UserId, change.HeardAt is >= 0 and var heard ? shard.Time.Stamp - heard : Detection.NotMeasured);
        Answer(superseded);
        Answer(change);
    }

    private void Put(IReadOnlyList<StatusChange> changes)
    {
        foreach (StatusChange change in changes)
        {
            Put(change);
        }
    }

    private void Put(StatusChange change)
    {
        if (_users.Find(change.UserId) is >= 0 and var entry)
        {
            _presences.Put(entry, change);
        }
    }

    private void Settle(ulong userId, long tookMs)
    {
        if (_users.Find(userId) is >= 0 and var entry)
        {
            _presences.Settle(entry, TransitionCause.Explicit, tookMs);
        }
    }

    private void Answer(StatusChange change)
    {
        int entry = _users.Find(change.UserId);
        shard.Journal.Answer(change, entry < 0 ? PresenceState.NeverSeen(change.UserId) : _presences.StateOf(entry));
    }
}
