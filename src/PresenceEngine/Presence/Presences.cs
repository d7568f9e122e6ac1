using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// The visible presence of the users in memory and the one place where it changes: every transition gets its version, its record in store and journal
/// and its place in the broadcast here.
/// </summary>
internal sealed class Presences(Shard shard)
{
    private readonly UserTable _users = shard.Users;
    private readonly ShardTime _time = shard.Time;
    private readonly StatusTexts _visibleTexts = new();
    private readonly SeenTimes _times = new(shard.Users);

    /// <summary>Texts by node of device.</summary>
    public StatusTexts DeviceTexts { get; } = new();

    /// <summary>Users of whom times are kept.</summary>
    public int Times => _times.Count;

    public PresenceState StateOf(int entry)
    {
        ref UserEntry user = ref _users[entry];
        return new PresenceState
        {
            UserId = user.UserId,
            Version = user.Version,
            Status = user.Visible.Value,
            Kinds = user.VisibleKinds,
            LastActiveMs = user.Visible.Value == Status.Offline ? _times.Of(entry).LastActiveMs : PresenceState.NoTime,
            AsOfMs = PresenceState.NoTime,
            StatusText = user.Has(UserFlags.HasText) ? _visibleTexts.Of(entry) : null,
        };
    }

    public SeenTime TimeOf(int entry) => _times.Of(entry);

    /// <summary>A sign of life of a device that leaves the fold.</summary>
    public void Seen(int entry, long wallMs) => _times.SeenAt(entry, Floor(entry, wallMs));

    /// <summary>Puts the devices together; a change of what is visible becomes a transition.</summary>
    /// <param name="tookMs">As <see cref="Detection"/> says.</param>
    public void Settle(int entry, TransitionCause cause, long tookMs = Detection.NotMeasured)
    {
        Visible now = Fold.Of(_users, DeviceTexts, entry);
        ref UserEntry user = ref _users[entry];
        bool invisible = user.Has(UserFlags.Invisible);
        SeenTime time = _times.Of(entry);
        bool later = now.Status == Status.Offline && !invisible && time.TrueLastActiveMs > time.LastActiveMs;
        if (later)
        {
            _times.Set(entry, time with { LastActiveMs = time.TrueLastActiveMs });
        }

        bool differs = now.Status != user.Visible.Value || now.Kinds != user.VisibleKinds || !StatusTexts.Same(now.Text, TextOf(entry));
        bool chosen = invisible != user.Has(UserFlags.WasInvisible);
        user.Set(UserFlags.WasInvisible, invisible);
        if (differs || later)
        {
            Transition(entry, now, cause, tookMs);
            TellOthers(entry, chosen);
            return;
        }

        if (invisible || chosen)
        {
            // Nothing to be seen, but the choice and the true time are kept.
            Keep(entry, cause, isVisible: false);
        }

        if (chosen)
        {
            shard.OwnView.Tell(entry);
            TellOthers(entry, chosen);
        }
    }

    // The user's sessions at other edges.
    private void TellOthers(int entry, bool chosen)
    {
        if (chosen)
        {
            shard.Nodes?.Words.TellOwn(entry);
        }
    }

    /// <summary>Takes over what was said; nothing is seen of it before the user is settled.</summary>
    public void Put(int entry, StatusChange change)
    {
        if (change.Status == Status.Invisible)
        {
            Hide(entry);
        }
        else if (change.Status != Status.Offline && !change.IsRepetition)
        {
            // Only the choice to be seen ends it: neither a device that leaves, nor one that says what it has said all the time.
            _users[entry].Set(UserFlags.Invisible, false);
        }

        if (_users.FindDevice(entry, change.DeviceKey) is >= 0 and var node)
        {
            SetDeviceStatus(entry, node, change);
        }
    }

    /// <summary>Notes with a device what it has said.</summary>
    public void Said(int node, StatusChange change)
    {
        ref Device device = ref _users.DeviceAt(node);
        device.SaysInvisible(change.Status == Status.Invisible);
        device.Set(DeviceFlags.AsBefore, false);
        if (change.Status != Status.Invisible)
        {
            device.Status = change.Status;
            device.Set(DeviceFlags.ServerAway, false);
            device.Set(DeviceFlags.HasText, DeviceTexts.Set(node, change.Text));
        }
    }

    /// <summary>From now on the user is shown as offline; as after a Goodbye at this moment.</summary>
    public void Hide(int entry)
    {
        ref UserEntry user = ref _users[entry];
        if (user.Has(UserFlags.Invisible))
        {
            return;
        }

        if (user.Visible.Value != Status.Offline)
        {
            // As after a Goodbye at this moment.
            Seen(entry, _time.WallMs);
            SeenTime time = _times.Of(entry);
            _times.Set(entry, time with { LastActiveMs = time.TrueLastActiveMs });
        }

        user.Set(UserFlags.Invisible, true);
    }

    /// <summary>The store is to hear of the user when the process ends: it was seen, or chose not to be.</summary>
    public bool IsWorthKeeping(int entry) => _users[entry].Version != 0 || _users[entry].Has(UserFlags.Invisible);

    /// <summary>Takes over what the store keeps of a user that has just come.</summary>
    public void Restore(int entry, in UserRecord record)
    {
        ref UserEntry user = ref _users[entry];
        if (record.Version == 0)
        {
            return;
        }

        shard.Versions.Merge(record.Version);
        user.Version = Records.ShownVersion(record);
        user.Set(UserFlags.Invisible | UserFlags.WasInvisible, Records.IsInvisible(record));
        user.Visible = (Status)record.Status;
        user.VisibleKinds = Records.KindsOf(record);
        if (user.Visible.Value == Status.Offline)
        {
            SeenTime seen = _times.Of(entry);
            _times.Set(entry, new(record.LastActiveMs, Math.Max(record.TrueLastActiveMs, seen.TrueLastActiveMs)));
        }
    }

    /// <summary>
    /// A user who is back in sight, and whose every device was seen later than the time of before, needs that time no more: it will leave
    /// with a later one. So users who are online cost nothing here.
    /// </summary>
    public void Outlive(int entry, in UserRecord record)
    {
        ref UserEntry user = ref _users[entry];
        long seen = _times.Of(entry).TrueLastActiveMs;
        if (user.Visible.Value == Status.Offline || user.Has(UserFlags.Invisible) || seen != record.TrueLastActiveMs)
        {
            return;
        }

        foreach (int node in _users.DevicesOf(entry))
        {
            // What stands for the devices of before has seen nothing.
            ref Device device = ref _users.DeviceAt(node);
            if (device.State == DeviceState.Recovering || _time.WallAt(shard.Edge.LastSeen(device)) <= seen)
            {
                return;
            }
        }

        _times.Forget(entry);
    }

    /// <summary>Watchers were told something under a version of another home: if it is not what is shown here, that is said again, above it.</summary>
    public void Outbid(int entry, in PresenceState told)
    {
        ref UserEntry user = ref _users[entry];
        SeenTime time = _times.Of(entry);
        bool isLater = told.Status == Status.Offline && user.Visible.Value == Status.Offline && told.LastActiveMs > time.LastActiveMs;
        if (isLater || (told.Status == Status.Offline && told.LastActiveMs >= 0 && told.Version > user.Version))
        {
            // By whoever was its home in between: a last-active time never goes back.
            long lastActiveMs = user.Visible.Value == Status.Offline ? Math.Max(time.LastActiveMs, told.LastActiveMs) : time.LastActiveMs;
            _times.Set(entry, new(lastActiveMs, Math.Max(time.TrueLastActiveMs, told.LastActiveMs)));
        }

        bool isSame = told.Status == user.Visible.Value && told.Kinds == user.VisibleKinds && StatusTexts.Same(told.StatusText, TextOf(entry));
        if (isLater || told.Version > user.Version || (told.Version == user.Version && !isSame))
        {
            user.Version = Math.Max(user.Version, told.Version);
            Transition(entry, new(user.Visible.Value, user.VisibleKinds, TextOf(entry)), TransitionCause.Up, Detection.NotMeasured);
        }
    }

    /// <summary>Another home shows the user from now on.</summary>
    public void GiveUp(int entry)
    {
        Forget(entry);
        ref UserEntry user = ref _users[entry];
        // Of its version it is still known whether it was invisible.
        (user.Visible, user.VisibleKinds) = (Status.Offline, DeviceKinds.None);
        user.Set(UserFlags.HasText | UserFlags.WasInvisible, false);
    }

    /// <summary>What the store is told of the user now. Of one never seen the record has a version of its own, which is shown to nobody.</summary>
    public UserRecord RecordOf(int entry)
    {
        ref UserEntry user = ref _users[entry];
        SeenTime time = _times.Of(entry);
        bool offline = user.Visible.Value == Status.Offline;
        bool alive = IsAlive(entry);
        PresenceState state = StateOf(entry);
        return Records.Of(
            state with
            {
                Version = state.Version != 0 ? state.Version : shard.Versions.Apart(_time.WallMs),
                LastActiveMs = offline ? time.LastActiveMs : _time.WallMs,
            },
            alive ? Math.Max(time.TrueLastActiveMs, _time.WallMs) : time.TrueLastActiveMs,
            user.Has(UserFlags.Invisible));
    }

    /// <summary>A device of the user is in the fold. Observers are no sign of life, and who is on its way out is none any more.</summary>
    public bool IsAlive(int entry)
    {
        foreach (int node in _users.DevicesOf(entry))
        {
            if (_users.DeviceAt(node).IsInFold)
            {
                return true;
            }
        }

        return false;
    }

    public void Forget(int entry)
    {
        _visibleTexts.Set(entry, null);
        _times.Forget(entry);
    }

    private void Transition(int entry, in Visible now, TransitionCause cause, long tookMs)
    {
        ref UserEntry user = ref _users[entry];
        user.Version = VersionOf(entry, cause);
        user.Visible = now.Status;
        user.VisibleKinds = now.Kinds;
        user.Set(UserFlags.HasText, _visibleTexts.Set(entry, now.Text));
        Keep(entry, cause, isVisible: true);
        shard.Changed(StateOf(entry), cause, tookMs);
    }

    // Between nodes: what time alone has decided is as of the last sign of life. A home that the others have taken for dead decides it too, by what it has not heard, and must not outbid whom its users spoke to meanwhile.
    private ulong VersionOf(int entry, TransitionCause cause)
    {
        bool isOfTime = cause is TransitionCause.HoldOver or TransitionCause.Silent or TransitionCause.RecoveringOver or TransitionCause.LeaseOver;
        ulong before = _users[entry].Version;
        return isOfTime && shard.Nodes is not null
            ? shard.Versions.AsOf(_times.Of(entry).TrueLastActiveMs, before, _time.WallMs)
            : shard.Versions.Above(before, _time.WallMs);
    }

    // The store first: what the journal has given to the disk before a checkpoint begins must be in it.
    private void Keep(int entry, TransitionCause cause, bool isVisible)
    {
        UserRecord record = RecordOf(entry);
        shard.Store.Write(record);
        shard.Journal.Append(new(record, cause, isVisible, TextOf(entry)));
    }

    private void SetDeviceStatus(int entry, int node, StatusChange change)
    {
        bool leaves = _users.DeviceAt(node).IsInFold && change.Status == Status.Offline;
        if (change.Status is not (Status.Offline or Status.Invisible))
        {
            Recovery.RemovePhantom(shard, entry);
        }

        Said(node, change);
        if (leaves)
        {
            Seen(entry, _time.WallMs);
        }
    }

    private byte[]? TextOf(int entry) => _users[entry].Has(UserFlags.HasText) ? _visibleTexts.Of(entry) : null;

    // Last active never goes backwards, also when the wall clock does: seen from behind it, the last transition is a time the user was
    // there. So it is for who has outlived the time of before, if the clock has stepped back since.
    private long Floor(int entry, long wallMs)
    {
        ref UserEntry user = ref _users[entry];
        long transition = VersionClock.MsOf(user.Version);
        bool outlived = !user.Has(UserFlags.HasTimes) && transition <= _time.SteppedBackFromMs + VersionClock.MaxAheadMs;
        return outlived || _time.WallMs < transition - VersionClock.MaxAheadMs ? Math.Max(wallMs, transition) : wallMs;
    }
}
