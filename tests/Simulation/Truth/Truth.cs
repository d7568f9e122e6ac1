using Presence.Engine;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>
/// The model that knows the truth: who has which devices, when each was heard last, who must be seen how. It hears what the shards are told (never what they
/// make of it), and holds what they say against what it knows: the home's word after every turn, everything else each time it looks.
/// </summary>
internal sealed class Truth
{
    private readonly World _world;
    private readonly Dictionary<ulong, TrueUser> _users = [];
    private readonly Dictionary<ShardThread, ShardTruth> _shards = [];
    private readonly HomeCheck _home;
    private TrueTurn? _turn;
    private long _turns;

    public Truth(World world)
    {
        _world = world;
        Statuses = new Statuses(Options);
        Expiry = new Expiry(this, world.Plan.Settings);
        _home = new HomeCheck(world);
        Answers = new Answers(world, this, _home);
        Kept = new Kept(world);
        Slots = new Slots(world);
        LongIntervals = new LongIntervalCheck(world);
    }

    public ShardOptions Options => _world.Plan.Settings.Options;

    public Trace Trace => _world.Trace;

    public Settings Settings => _world.Plan.Settings;

    public Statuses Statuses { get; }

    public Expiry Expiry { get; }

    public Kept Kept { get; }

    public Slots Slots { get; }

    public LongIntervalCheck LongIntervals { get; }

    public Answers Answers { get; }

    /// <summary>The one that is under way; null between two.</summary>
    public TrueTurn? Turn => _turn;

    /// <summary>Of all that the homes have said, in order.</summary>
    public ulong Fingerprint { get; private set; }

    public TrueUser Of(ulong userId)
    {
        if (!_users.TryGetValue(userId, out TrueUser? user))
        {
            _users[userId] = user = new TrueUser(userId);
            if (_world.Node.IsUp)
            {
                ShardOf(userId).Users.Add(user);
            }
        }

        return user;
    }

    public IReadOnlyCollection<TrueUser> Users => _users.Values;

    public ShardTruth Of(ShardThread thread) => _shards[thread];

    /// <summary>The shard knows what the store keeps of a user, and nothing about it is under way.</summary>
    public bool IsLoaded(TrueUser user) => !user.IsToLoad && !_world.Node.Store.IsAsked(user.Id) && !ShardOf(user.Id).Answered.Contains(user.Id);

    /// <summary>The user is being loaded, or was in this turn.</summary>
    public bool IsLoading(TrueUser user, TrueTurn turn) => !IsLoaded(user) || turn.Loaded.Contains(user.Id);

    /// <summary>Nobody can say anything of the user, or could until a moment ago: the store is being loaded.</summary>
    /// <param name="userId">Who.</param>
    /// <param name="momentMs">How long a moment is.</param>
    public bool IsUnheard(ulong userId, long momentMs)
    {
        long now = _world.Agenda.Now;
        long lateUntilMs = Math.Max(_world.Faults.LateUntilMs, _world.Faults.ReadsLateUntilMs);
        return now < Math.Max(lateUntilMs, Math.Min(_world.Node.Store.LoadedAtMs(userId), long.MaxValue - momentMs)) + momentMs;
    }

    /// <summary>The user has come: what is kept of it is asked for when it can be read.</summary>
    public void Came(TrueUser user) => user.IsToLoad |= !_world.Node.Store.IsLoaded(user.Id);

    /// <summary>A process has begun, over what the disk kept.</summary>
    public void Started()
    {
        _shards.Clear();
        foreach (ShardThread thread in _world.Node.Threads)
        {
            _shards[thread] = new ShardTruth { RecoveringUntilMs = thread.Shard.Clock.Now + _world.Plan.Settings.RecoverForMs };
        }

        Kept.Began();
        foreach (UserRecord record in _world.Node.Store.Records)
        {
            _ = Of(record.UserId);
        }

        foreach (TrueUser user in _users.Values)
        {
            ShardTruth shard = ShardOf(user.Id);
            shard.Users.Add(user);
            Kept.Found(user, _world.Node.Store[user.Id]);
            Begin(user, _world.Node.Store[user.Id], shard);
        }
    }

    public void Died()
    {
        _turn = null;
        Kept.Died();
        Slots.Died();
        LongIntervals.Died();
    }

    public void Begin(TrueTurn turn)
    {
        _turn = turn;
        turn.Begin(++_turns);
        ShardTruth shard = Of(turn.Thread);
        turn.Steps.Add(shard.Step);
        foreach (ulong userId in shard.Answered)
        {
            turn.Loaded.Add(userId);
            TrueUser user = Of(userId);
            (user.IsKnown, user.IsToLoad) = (true, false);
        }

        shard.Answered.Clear();
    }

    /// <summary>The turn has ended: brings the truth up to it, and compares.</summary>
    public void End(TrueTurn turn)
    {
        _turn = null;
        foreach (TrueEvent applied in turn.Applied)
        {
            applied.Apply(this, turn);
        }

        foreach (ulong userId in turn.Loaded)
        {
            TakeLoaded(Of(userId), turn);
        }

        TakeAnswers(turn, turn.Acked.Count);
        ShardTruth shard = Of(turn.Thread);
        Expiry.Run(turn, shard);
        Closings.Check(turn, this);
        Shedding.Check(turn, Options);
        _home.Check(turn, shard);
        _world.Look.After(turn, shard);
    }

    private void TakeLoaded(TrueUser user, TrueTurn turn)
    {
        if (IsLoaded(user) && user.Delayed.Count > 0)
        {
            turn.Touch(user);
            Statuses.Loaded(user, turn);
        }
    }

    /// <summary>What was answered first in a turn has been applied.</summary>
    public static void TakeAnswers(TrueTurn turn, int count)
    {
        for (; turn.AckedTaken < count; turn.AckedTaken++)
        {
            (TrueConnection connection, ulong requestId) = turn.Acked[turn.AckedTaken];
            if (connection.User is { } user)
            {
                Statuses.Answered(user, connection, requestId, turn);
            }
        }
    }

    public void Stored(in UserRecord record)
    {
        TrueUser user = Of(record.UserId);
        Shown shown = Shown.Of(record);
        Fingerprint = (Fingerprint * 31) + record.UserId + record.Version + record.Status + (ulong)record.TrueLastActiveMs;
        _world.Trace.Note(user.Id, $"stored {shown} as {record.Version}, flags {record.Flags & 1}, true {record.TrueLastActiveMs}");
        // Of one whom nobody has seen the record has a version that is shown to nobody.
        bool isSeen = shown.Status != Status.Offline || shown.LastActiveMs >= 0;
        user.History.Add(record, isJournaled: _turn is not null);
        if (_turn is { } turn)
        {
            Note(turn, user, new(record, user.Shown, isSeen && record.Version != user.Version));
        }

        if (isSeen)
        {
            user.Say(record.Version, shown, _world.Agenda.Now);
        }
    }

    private static void Note(TrueTurn turn, TrueUser user, in Stored stored)
    {
        turn.Touch(user);
        user.Transitions += stored.IsNew ? 1 : 0;
        user.LastStored = turn.Stored.Count;
        turn.Stored.Add(stored);
    }

    public void Answered(StoreRead read)
    {
        if (!read.Failed && read is UserLoad)
        {
            foreach (ulong userId in read.UserIds)
            {
                ShardOf(userId).Answered.Add(userId);
                // A store that answers at once may be heard in the same turn.
                _turn?.Loaded.Add(userId);
            }
        }
    }

    /// <summary>The connection speaks for its device no more, which may come back.</summary>
    public void Hold(TrueConnection connection, TrueTurn turn)
    {
        if (connection.Device is not { } device)
        {
            return;
        }

        Of(turn.Thread).Due.Arm(connection.User!, turn.MonoMs);
        connection.Device = null;
        device.Connection = null;
        device.HeldFor = connection;
        device.Standing = Standing.Held;
        device.DueMs = turn.EngineMs + Options.HoldMs;
        device.SeenMs = connection.HeardMs;
        device.LaterMs = (connection.Port.ReaderPaused ? turn.MonoMs : connection.AsGoodAsHeardMs) - connection.HeardMs;
        _world.Trace.Note(connection.User!.Id, $"device {device.Key} is held until {device.DueMs}");
    }

    /// <summary>A device is gone for good.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="device">Which.</param>
    /// <param name="seenMs">Unix ms of its last sign of life, at the earliest and at the latest.</param>
    /// <param name="turn">When.</param>
    public void Leave(TrueUser user, TrueDevice device, (long Low, long High) seenMs, TrueTurn turn)
    {
        _world.Trace.Note(user.Id, $"device {device.Key} leaves, seen {seenMs}");
        user.Devices.Remove(device);
        Statuses.Settle(user, said => said.Device == device && !said.IsForLoad, turn);
        if (device.Connection is { } connection)
        {
            connection.Device = null;
        }

        if (device.IsInFold)
        {
            bool isCertain = !device.Status.MayBeOffline && !device.MayHaveGone && device.SettledAtMs != turn.MonoMs;
            user.Seen(isCertain ? seenMs.Low : -1, seenMs.High);
        }
    }

    /// <summary>A device of the user is back: what stood for those of before has done its work.</summary>
    public static void RemovePhantom(TrueUser user)
    {
        if (user.Find(0) is { } phantom)
        {
            user.Devices.Remove(phantom);
        }
    }

    /// <summary>Users of before have d + 4δ from now on, or what the process before has promised them if that is more.</summary>
    public void Recover(TrueTurn turn, long heldForMs)
    {
        ShardTruth shard = Of(turn.Thread);
        shard.RecoveringUntilMs = turn.EngineMs + Math.Max(_world.Plan.Settings.RecoverForMs, heldForMs);
        foreach (TrueUser user in shard.Users)
        {
            if (user.Find(0) is { } phantom)
            {
                phantom.DueMs = shard.RecoveringUntilMs;
            }
        }
    }

    public void StopExpiring(TrueTurn turn)
    {
        Of(turn.Thread).IsStopping = true;
        foreach (ServerConnection connection in turn.Thread.Connections)
        {
            Hold(connection.Truth, turn);
        }
    }

    private ShardTruth ShardOf(ulong userId) => _shards[_world.Node.ThreadOf(userId)];

    private void Begin(TrueUser user, in UserRecord record, ShardTruth shard)
    {
        Shown shown = Shown.Of(record);
        bool isSeen = record.Version != 0 && (shown.Status != Status.Offline || shown.LastActiveMs >= 0);
        user.BeginWith(isSeen ? record.Version : 0, shown, (record.Flags & UserRecordFlags.Invisible) != 0, _world.Agenda.Now);
        if (record.Version == 0)
        {
            return;
        }

        long seen = record.TrueLastActiveMs;
        if (shown.Status != Status.Offline)
        {
            seen = Math.Max(seen, _world.Node.Store.LastWatermarkMs);
            user.Devices.Add(new TrueDevice(0)
            {
                Standing = Standing.Recovering,
                Status = StatusSet.Of(shown.Status),
                Kinds = shown.Kinds,
                DueMs = shard.RecoveringUntilMs,
            });
            shard.Due.Arm(user, _world.Agenda.Now + _world.Plan.Settings.RecoverForMs);
        }

        user.LastActive = (seen, seen);
    }
}
