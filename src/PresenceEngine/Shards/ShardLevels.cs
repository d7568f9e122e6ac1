namespace Presence.Engine;

/// <summary>What a shard holds, as of its last tick. Written by the shard's thread; read by metrics, which need no exact moment.</summary>
public sealed class ShardLevels
{
    /// <summary>Devices of users in memory: those of links and those who are held or recovering too.</summary>
    public long Sessions { get; private set; }

    public long Users { get; private set; }

    /// <summary>Users in memory of whom the store has not said yet what it keeps.</summary>
    public long UsersLoading { get; private set; }

    public long CongestedConnections { get; private set; }

    public long Watches { get; private set; }

    public long WatchedUsers { get; private set; }

    /// <summary>Deadlines on the wheel.</summary>
    public long Deadlines { get; private set; }

    /// <summary>Users whose watchers are not all served yet.</summary>
    public long Fanouts { get; private set; }

    /// <summary>Status changes that wait for the user's rate.</summary>
    public long DelayedStatuses { get; private set; }

    /// <summary>Answers to explicit statuses that wait for the journal.</summary>
    public long WaitingForJournal { get; private set; }

    /// <summary>Sessions that were told a longer heartbeat interval than d last.</summary>
    public long LongerIntervals { get; private set; }

    /// <summary>The shard is home of users of whom it cannot know all yet: not every node has named its sessions by the present ring, or there is none yet.</summary>
    public bool IsWarming { get; private set; }

    internal void Read(Shard shard)
    {
        IsWarming = shard.Nodes is { Warming: var warming } && (warming.IsUnderWay || warming.Ends == 0);
        Sessions = shard.Users.Devices;
        Users = shard.Users.Count;
        UsersLoading = shard.Home.Loading;
        CongestedConnections = shard.Outbox.Congested.Count;
        Watches = shard.WatchIndex.Watches;
        WatchedUsers = shard.WatchIndex.Users;
        Deadlines = shard.Wheel.Armed;
        Fanouts = shard.Fanout.UnderWay;
        DelayedStatuses = shard.Home.Throttled;
        WaitingForJournal = shard.Journal.Waiting;
        LongerIntervals = shard.Pace.Longer;
    }
}
