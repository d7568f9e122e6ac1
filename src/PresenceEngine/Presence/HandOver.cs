using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// What a home does with users who come to it from another, and who go to another, when the ring changes: what is known of them is in the sessions that edges name, in what their watchers were told, and in the store.
/// </summary>
internal sealed class HandOver(Shard shard, StatusChanges changes, ChangesAfterLoad afterLoad)
{
    private readonly UserTable _users = shard.Users;
    private readonly Presences _presences = shard.Presences;

    /// <summary>What was said of users who are being loaded, by whom it counts.</summary>
    public ToldStates Told { get; } = new();

    /// <summary>A user stands as the ring has it from now on; the walk may not have come to it yet, and whatever is said of the user may come before that.</summary>
    /// <returns>Its entry; negative: it is not in memory, maybe no more.</returns>
    public int Follow(ulong userId)
    {
        int entry = _users.Find(userId);
        return entry >= 0 && Follow(entry) ? _users.Find(userId) : entry;
    }

    /// <inheritdoc cref="Follow(ulong)"/>
    /// <returns>It was another's, or has been since: it is given up, or taken over, or both.</returns>
    public bool Follow(int entry)
    {
        if (shard.Nodes is not { IsWalking: true } nodes)
        {
            return false;
        }

        ulong userId = _users[entry].UserId;
        bool wasHere = !_users[entry].Has(UserFlags.Elsewhere);
        bool isHere = shard.Routing.IsHere(userId);
        if (wasHere && (!isHere || (nodes.Warming.Concerns(userId) && (!_users[entry].Has(UserFlags.Warming) || nodes.Walk.IsAsBefore(userId)))))
        {
            // Here again, it may be, but it was another's in between.
            GiveUp(entry);
            if (isHere && _users.Find(userId) == entry)
            {
                TakeOver(entry);
            }

            return true;
        }

        if (!wasHere && isHere)
        {
            TakeOver(entry);
            return true;
        }

        return false;
    }

    /// <summary>This node is home of a user from now on, of whom it has had sessions.</summary>
    public void TakeOver(int entry)
    {
        ref UserEntry user = ref _users[entry];
        (bool isInvisible, ulong version) = (user.Has(UserFlags.Invisible), user.Version);
        user.Set(UserFlags.Elsewhere | UserFlags.Invisible, false);
        shard.Nodes!.Walk.Taken(user.UserId);
        user.Version = 0;
        if (user.Has(UserFlags.Loading))
        {
            // It was its home before, and has not been told yet what the store keeps.
            user.Set(UserFlags.Warming, true);
        }
        else
        {
            shard.Home.Load(entry);
        }

        if (isInvisible)
        {
            WasHidden(entry, version);
        }
    }

    /// <summary>By an edge the user was invisible as of a version: that counts when it is being loaded because its home is another, and nothing newer is kept.</summary>
    public void WasHidden(int entry, ulong version)
    {
        if (_users[entry].Has(UserFlags.Warming))
        {
            Told.AddHidden(_users[entry].UserId, version);
        }
    }

    /// <summary>Another node is home of the user from now on: what is here is what its sessions say to that.</summary>
    public void GiveUp(int entry)
    {
        ulong userId = _users[entry].UserId;
        IReadOnlyList<StatusChange> waiting = changes.PutWaiting(userId);
        bool hadPhantom = false;
        foreach (int node in _users.DevicesOf(entry))
        {
            ref Device device = ref _users.DeviceAt(node);
            if (device.IsRemote || device.State == DeviceState.Recovering)
            {
                hadPhantom |= device.State == DeviceState.Recovering;
                shard.Wheel.Cancel(node);
                _presences.DeviceTexts.Set(node, null);
                _users.RemoveDevice(node);
            }
        }

        if (hadPhantom)
        {
            shard.Deferrals.Recovered(userId);
        }


        _presences.GiveUp(entry);
        _users[entry].Set(UserFlags.Elsewhere, true);
        if (_users[entry].Devices > 0 && !shard.Routing.IsHere(userId))
        {
            shard.Nodes!.Homes.Name(entry);
        }

        shard.Edge.RemoveIfEmpty(entry);
        foreach (StatusChange change in waiting)
        {
            // Its device has said it to the new home, which does not know who waits.
            change.NotHome(shard);
        }
    }

    /// <summary>The store has answered for a user whose home is another by now: what was asked meanwhile is that one's.</summary>
    public void LoadedTooLate(int entry)
    {
        if (afterLoad.TryTake(_users[entry].UserId, out List<StatusChange>? waiting))
        {
            foreach (StatusChange change in waiting)
            {
                if (change is ChangesAfterLoad.Hiding)
                {
                    shard.Nodes!.Homes.Hide(entry);
                }
                else
                {
                    change.NotHome(shard);
                }
            }
        }

        Told.Drop(_users[entry].UserId);
        shard.Deferrals.Recovered(_users[entry].UserId);
        shard.Edge.RemoveIfEmpty(entry);
    }

    /// <summary>
    /// Watchers have been told something of a user, maybe by the home before us. Our word, if it is another, has to be newer; and who was shown to be there is held while it may come back from a node that is gone (<see cref="GoneNodes"/>), though nobody has named a session of it.
    /// </summary>
    public void Outbid(ulong userId, in PresenceState told)
    {
        shard.Versions.Merge(told.Version);
        int entry = _users.Find(userId);
        if (entry >= 0 && !_users[entry].Has(UserFlags.Loading | UserFlags.Elsewhere))
        {
            _presences.Outbid(entry, told);
        }
        else if (entry < 0 && told.Status is not (Status.Offline or Status.Unknown) && shard.CanKnow(userId))
        {
            Told.Add(told);
            if (!Recovery.TryJudge(shard, userId))
            {
                Told.Forget(userId);
            }
        }
    }
}
