namespace Presence.Engine;

// Questions of an operator. They read, change nothing, run on the shard's thread and answer there: an answer must neither block nor throw.

/// <summary>What does this shard hold?</summary>
public sealed class ShardInspection(Action<ShardReport> answer) : ReadRequest([])
{
    internal override void Apply(Shard shard) => answer(ShardReport.Of(shard));
}

/// <summary>
/// What is this user, invisible or not? Ask for its presence first (<see cref="PresenceQuestion"/>): that settles users of before a restart, this only reads.
/// </summary>
/// <param name="userId">A user of this shard.</param>
/// <param name="answer">Called with null when the user was never seen, or is past the retention.</param>
/// <param name="unavailable">Called instead when the store could not answer; ask again.</param>
public sealed class UserInspection(ulong userId, Action<UserReport?> answer, Action unavailable) : ReadRequest([userId])
{
    internal override void Apply(Shard shard)
    {
        int entry = shard.Users.Find(userId);
        if (entry >= 0 && !shard.Users[entry].Has(UserFlags.Loading))
        {
            answer(UserReport.Of(shard, entry));
        }
        else if (shard.CanKnow(userId))
        {
            shard.Store.Read(new Load(shard, userId, this));
        }
        else
        {
            unavailable();
        }
    }

    private void Loaded(Shard shard, Load load)
    {
        int entry = shard.Users.Find(userId);
        if (entry >= 0)
        {
            answer(UserReport.Of(shard, entry));
        }
        else if (load.Failed)
        {
            unavailable();
        }
        else
        {
            answer(load.Records[0].Version == 0 ? null : UserReport.Of(userId, load.Records[0]));
        }
    }

    private sealed class Load(Shard shard, ulong userId, UserInspection inspection) : StoreRead([userId], 1)
    {
        public override void Complete() => shard.Inbox.PostAnswer(new Answer(this, inspection));
    }

    private sealed class Answer(Load load, UserInspection inspection) : ShardMessage
    {
        internal override void Apply(Shard shard) => inspection.Loaded(shard, load);
    }
}

/// <summary>
/// Who has this session? Looks through a bounded part of the shard's users, so that a search never holds up a turn: ask again from
/// <see cref="SessionSearchResult.Next"/> until it is negative.
/// </summary>
/// <param name="sessionId">The stamp of the session.</param>
/// <param name="from">0, or where the search before left off.</param>
/// <param name="answer">Called once.</param>
public sealed class SessionSearch(ulong sessionId, int from, Action<SessionSearchResult> answer) : ReadRequest([])
{
    /// <summary>Slots of users that one message looks at: some tens of microseconds.</summary>
    public const int Slice = 16_384;

    internal override void Apply(Shard shard)
    {
        UserTable users = shard.Users;
        int end = Math.Min(users.HighWater, from + Slice);
        for (int entry = from; entry < end; entry++)
        {
            ref UserEntry user = ref users[entry];
            // Most users have one device; whether the slot is in use costs a look-up and is asked last.
            bool may = user.First.SessionId == sessionId || user.More != UserEntry.NoMore;
            if (may && users.IsUsed(entry) && Find(users, entry) is >= 0 and var node)
            {
                answer(new(user.UserId, DeviceReport.Of(shard, node), Next: -1));
                return;
            }
        }

        answer(new(0, null, end == users.HighWater ? -1 : end));
    }

    private int Find(UserTable users, int entry)
    {
        foreach (int node in users.DevicesOf(entry))
        {
            if (users.DeviceAt(node).SessionId == sessionId)
            {
                return node;
            }
        }

        return UserTable.None;
    }
}

/// <param name="UserId">Whose it is; 0 when it was not found.</param>
/// <param name="Device">Null when it was not found.</param>
/// <param name="Next">Where to go on; negative: this shard has been searched.</param>
public readonly record struct SessionSearchResult(ulong UserId, DeviceReport? Device, int Next);

/// <summary>
/// A watch without a session: the connection is known to the shard from here until its <see cref="Inbox.TryPostLost"/>, and gets the updates of these users as
/// frames. The answer is the snapshot; an update may come before it and the highest version wins. Post it to the liveness lane, as what ends it is.
/// </summary>
/// <param name="watcher">Not up and not posted before.</param>
/// <param name="userIds">Valid ids.</param>
public abstract class OutsideWatch(ConnectionPort watcher, ulong[] userIds) : PresenceQuestion(userIds)
{
    internal override void Apply(Shard shard)
    {
        shard.Connections.Add(watcher);
        foreach (ulong userId in UserIds)
        {
            shard.WatchIndex.Add(watcher, userId, out _);
        }

        base.Apply(shard);
    }
}
