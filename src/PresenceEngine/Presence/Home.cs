using System.Runtime.InteropServices;

namespace Presence.Engine;

/// <summary>
/// The home of the shard's users: folds their devices into one presence, versions it, has it stored and broadcast. It hears of sessions only
/// through reports and never of heartbeats.
/// </summary>
internal sealed class Home
{
    private const int LoadedAhead = 8;
    private const int MaxSpareLoads = 64;

    private readonly Shard _shard;
    private readonly UserTable _users;
    private readonly Presences _presences;
    private readonly StatusChanges _changes;
    private readonly Recovery _recovery;

    // Users that came in this turn and must be loaded; asked for when the turn ends.
    private readonly List<int> _toLoad = [];
    private readonly LoadsToCome _toCome;
    private readonly Stack<UserLoad> _spareLoads = new();

    private readonly FailedReads _failed;
    private readonly EarlyReads _early;

    private readonly ChangesAfterLoad _afterLoad = new();

    public Home(Shard shard)
    {
        _shard = shard;
        _users = shard.Users;
        _presences = shard.Presences;
        _recovery = new Recovery(shard);
        _toCome = new LoadsToCome(shard);
        _failed = new FailedReads(shard);
        _early = new EarlyReads(shard);
        Answers = new HomeAnswers(shard, _recovery, _failed, _early);
        _changes = new StatusChanges(shard);
        HandOver = new HandOver(shard, _changes, _afterLoad);
    }

    public HomeAnswers Answers { get; }

    /// <summary>Users whose home it becomes, or is no more.</summary>
    public HandOver HandOver { get; }

    /// <summary>Status changes that wait for their turn.</summary>
    public int Throttled => _changes.Waiting;

    /// <summary>Users in memory of whom the store has not said yet what it keeps.</summary>
    public int Loading { get; private set; }

    /// <summary>There is more to do than fits a turn.</summary>
    public bool HasWork => _toCome.IsUnderWay;

    public void Up(in DeviceUp up)
    {
        int entry = _users.Find(up.UserId);
        bool isLoading = _users[entry].Has(UserFlags.Loading);
        if (isLoading && up.Hidden)
        {
            _afterLoad.Hide(up.UserId);
        }
        else if (up.Hidden)
        {
            Hide(entry);
        }
        else if (!isLoading)
        {
            _presences.Settle(entry, TransitionCause.Up, tookMs: 0);
        }
    }

    /// <summary>Begins to load a user that was not in memory.</summary>
    public void Load(int entry)
    {
        ref UserEntry user = ref _users[entry];
        user.Set(UserFlags.Loading, true);
        user.Set(UserFlags.CameRecovering, _shard.IsRecovering);
        user.Set(UserFlags.Warming, _shard.Nodes is { } nodes && nodes.Warming.Concerns(user.UserId));
        _shard.Nodes?.Walk.Taken(user.UserId);
        Loading++;
        if (_shard.CanKnow(user.UserId))
        {
            _toLoad.Add(entry);
        }
        else
        {
            _toCome.Add(entry, user.UserId);
        }
    }

    /// <inheritdoc cref="Recovery.GoOnAsBefore(int)"/>
    public void GoOnAsBefore(int node) => _recovery.GoOnAsBefore(node);

    /// <summary>The device stands as Gone already; its record is freed by the edge afterwards.</summary>
    public void Down(in DeviceDown down)
    {
        int entry = _users.Find(down.UserId);
        if (down.LastSeenMs >= 0)
        {
            _presences.Seen(entry, down.LastSeenMs);
        }

        if (!_users[entry].Has(UserFlags.Loading))
        {
            // Its turn will not come; the choice to be seen was the user's all the same.
            IReadOnlyList<StatusChange> waiting = _changes.PutWaiting(down.UserId, down.DeviceKey);
            _presences.Settle(entry, down.Cause, down.TookMs);
            _changes.Answer(waiting);
        }
    }

    /// <summary>An explicit status: applied now, after the user is loaded, or when its rate allows.</summary>
    public void SetStatus(StatusChange change)
    {
        int entry = _users.Find(change.UserId);
        change.Judge(entry >= 0 && Repeats(entry, change));
        if (entry >= 0 && _users[entry].Has(UserFlags.Loading))
        {
            // There is no version yet to answer with.
            _afterLoad.Add(change)?.Refused(_shard.Outbox, StatusThrottle.MaxWaiting);
        }
        else
        {
            _changes.Take(change);
        }
    }

    /// <summary>A user's leases have ended on purpose: at once, but it counts as a change to the user's rate.</summary>
    public void CountLeaving(ulong userId) => _changes.CountLeaving(userId);

    /// <summary>A session was set AWAY by the server, or is active again.</summary>
    public void ActivityChanged(int entry)
    {
        if (!_users[entry].Has(UserFlags.Loading))
        {
            _presences.Settle(entry, TransitionCause.Activity);
        }
    }

    /// <summary>Who was online before the restart has not come back: last seen when the old process was.</summary>
    public void RecoveringOver(int node)
    {
        if (_recovery.GoesOn(node))
        {
            _recovery.Arm(node);
            return;
        }

        int entry = _users.OwnerOf(node);
        _shard.Deferrals.Recovered(_users[entry].UserId);
        _users.RemoveDevice(node);
        if (!_users[entry].Has(UserFlags.Loading))
        {
            _presences.Settle(entry, TransitionCause.RecoveringOver);
        }

        _shard.Edge.RemoveIfEmpty(entry);
    }

    /// <summary>Who was online before the restart has another time to come back.</summary>
    public void ArmRecovering(int node) => _recovery.Arm(node);

    /// <summary>Applies delayed changes whose time has come.</summary>
    public void ReleaseThrottled() => _changes.Release();

    public void Loaded(UserLoad load)
    {
        if (_failed.Takes(load))
        {
            return;
        }

        for (int i = 0; i < load.Entries.Length; i++)
        {
            _users.PrefetchEntry(load.Entries[Math.Min(i + LoadedAhead, load.Entries.Length - 1)]);
            Loaded(load.Entries[i], load.Records[i]);
        }

        if (_spareLoads.Count < MaxSpareLoads)
        {
            _spareLoads.Push(load);
        }

        _early.Repeat();
    }

    /// <summary>The user has no device left and will be forgotten by the shard's tables.</summary>
    public void Leave(int entry)
    {
        IReadOnlyList<StatusChange> waiting = _changes.PutWaiting(_users[entry].UserId);
        if (waiting.Count > 0)
        {
            // Who left before it was loaded may have chosen to be seen.
            _presences.Settle(entry, TransitionCause.Explicit);
        }

        _changes.Answer(waiting);
        _presences.Forget(entry);
    }

    /// <summary>Asks the store again for what it could not answer.</summary>
    public void RetryReads() => _failed.Retry();

    /// <summary>Asks the store for the users that came in this turn.</summary>
    public void EndTurn()
    {
        _toCome.Take(_toLoad);
        if (_toLoad.Count > 0)
        {
            UserLoad load = _spareLoads.TryPop(out UserLoad? spare) ? spare : new UserLoad(_shard);
            load.Begin(CollectionsMarshal.AsSpan(_toLoad));
            _toLoad.Clear();
            _shard.Store.Read(load);
        }
    }

    private bool Repeats(int entry, StatusChange change)
    {
        int node = _users.FindDevice(entry, change.DeviceKey);
        if (node < 0)
        {
            return false;
        }

        ref Device device = ref _users.DeviceAt(node);
        bool repeats = change.Repeats(device.Asked);
        device.Asks(change.Status);
        return repeats;
    }

    private void Loaded(int entry, in UserRecord stored)
    {
        HandOver.Follow(entry);
        ulong userId = _users[entry].UserId;
        if (!_users[entry].Has(UserFlags.Elsewhere) && !_shard.CanKnow(userId))
        {
            // Asked for when it was the home before, and others have not named yet who is there.
            _toCome.Add(entry, userId);
            return;
        }

        Loading--;
        bool hasWaited = _users[entry].Has(UserFlags.Warming);
        _users[entry].Set(UserFlags.Loading | UserFlags.Warming, false);
        if (_users[entry].Has(UserFlags.Elsewhere))
        {
            HandOver.LoadedTooLate(entry);
            return;
        }

        UserRecord record = HandOver.Told.Newer(userId, stored);
        if (_users[entry].Has(UserFlags.IfKnown) && record.Version == 0)
        {
            _shard.Links.Sessions.RefuseUnknown(entry);
        }

        _users[entry].Set(UserFlags.IfKnown, false);
        _recovery.Restore(entry, record, hasWaited);
        _users[entry].Set(UserFlags.CameRecovering, false);
        if (HandOver.Told.TakeHidden(userId, record.Version))
        {
            Hide(entry);
        }

        // What was asked meanwhile comes first: who comes to be invisible was never there.
        if (_afterLoad.TryTake(userId, out List<StatusChange>? changes))
        {
            foreach (StatusChange change in changes)
            {
                if (change is ChangesAfterLoad.Hiding)
                {
                    Hide(entry);
                }
                else
                {
                    _changes.Take(change);
                }
            }
        }

        if (_users[entry].Devices == 0)
        {
            _presences.Settle(entry, TransitionCause.RecoveringOver);
        }
        else
        {
            _presences.Settle(entry, TransitionCause.Up, Detection.OfComing(_shard, entry));
        }

        _presences.Outlive(entry, record);
        if (_users[entry].Has(UserFlags.Invisible))
        {
            _shard.Nodes?.Words.TellOwn(entry);
        }

        _shard.Edge.RemoveIfEmpty(entry);
    }

    // A session has come hidden: before anybody sees it.
    private void Hide(int entry)
    {
        IReadOnlyList<StatusChange> waiting = _changes.PutWaiting(_users[entry].UserId);
        _presences.Hide(entry);
        _presences.Settle(entry, TransitionCause.Explicit);
        _changes.Answer(waiting);
    }
}
