using Presence.Engine;

namespace Presence.Simulation;

/// <summary>What all nodes share of users who are not in memory: of each record the newest.</summary>
internal sealed class SharedStore(ClusterWorld world)
{
    private const long ForgetsMs = 2_000;

    private readonly Dictionary<ulong, UserRecord> _records = [];
    private readonly Queue<(long AtMs, ulong UserId, UserRecord Before)> _newest = new();

    public bool IsAway => world.Membership.IsAway;

    public UserRecord this[ulong userId] => _records.GetValueOrDefault(userId);

    public void Write(in UserRecord record)
    {
        UserRecord before = this[record.UserId];
        if (record.Version >= before.Version)
        {
            _newest.Enqueue((world.Agenda.Now, record.UserId, before));
            _records[record.UserId] = record;
        }
    }

    /// <summary>What was written in the last seconds is gone; who is there notices it, and ships what it has once more.</summary>
    public void ForgetNewest()
    {
        foreach ((long _, ulong userId, UserRecord before) in _newest.Where(one => one.AtMs > world.Agenda.Now - ForgetsMs).Reverse())
        {
            _records[userId] = before;
        }

        _newest.Clear();
        foreach (Member member in world.Members.Where(static member => member.Process is not null))
        {
            member.Disk.ShipAll();
        }
    }
}

/// <summary>What outlives a process on its own disk, and what of it is still to be shipped.</summary>
internal sealed class MemberDisk
{
    private readonly Dictionary<ulong, UserRecord> _records = [];

    // In the order in which it was kept, by number.
    private readonly Queue<(long Number, UserRecord Record)> _toShip = new();

    /// <summary>Of what was kept last.</summary>
    public long Kept { get; private set; }

    public IReadOnlyDictionary<ulong, UserRecord> Records => _records;

    public ulong MaxVersion { get; private set; }

    /// <summary>Unix ms.</summary>
    public long WatermarkMs { get; set; } = -1;

    public void Keep(in UserRecord record)
    {
        MaxVersion = Math.Max(MaxVersion, record.Version);
        if (record.Version >= _records.GetValueOrDefault(record.UserId).Version)
        {
            _records[record.UserId] = record;
            _toShip.Enqueue((++Kept, record));
        }
    }

    /// <summary>All that is there is to be shipped.</summary>
    public void ShipAll()
    {
        foreach (UserRecord record in _records.Values)
        {
            _toShip.Enqueue((++Kept, record));
        }
    }

    /// <param name="upTo">What was kept later waits.</param>
    public void Ship(SharedStore store, long upTo)
    {
        while (_toShip.TryPeek(out (long Number, UserRecord Record) first) && first.Number <= upTo)
        {
            store.Write(_toShip.Dequeue().Record);
        }
    }
}

/// <summary>The journal of one process: what a commit covers is on the disk a moment later, and shipped a while after that.</summary>
internal sealed class MemberJournal(ClusterWorld world, MemberProcess process) : IJournal
{
    public IJournalLane Open(int shard) => new Lane(this);

    private void Commit(List<UserRecord> records, long watermarkMs, JournalCommit? commit) => world.Agenda.In(world.Plan.Settings.SyncMs, () =>
    {
        if (process.IsDead)
        {
            return;
        }

        MemberDisk disk = process.Member.Disk;
        records.ForEach(record => disk.Keep(record));
        disk.WatermarkMs = Math.Max(disk.WatermarkMs, watermarkMs);
        commit?.Complete();
        if (records.Count > 0)
        {
            Ship(disk.Kept);
        }
    });

    private void Ship(long upTo) => world.Agenda.In(world.Plan.Settings.ShipMs, () =>
    {
        if (process.IsDead)
        {
            return;
        }

        if (world.Shared.IsAway || process.Member.IsPaused || process.Member.IsCut)
        {
            world.Agenda.In(100, () => Ship(upTo));
            return;
        }

        process.Member.Disk.Ship(world.Shared, upTo);
    });

    private sealed class Lane(MemberJournal journal) : IJournalLane
    {
        private List<UserRecord> _appended = [];
        private long _watermarkMs = -1;

        public void Append(in JournalEntry entry) => _appended.Add(entry.User);

        public void AppendWatermark(long wallMs, ulong clock) => _watermarkMs = wallMs;

        public void HandOver(JournalCommit? commit)
        {
            journal.Commit(_appended, _watermarkMs, commit);
            _appended = [];
        }
    }
}

/// <summary>The store of one process. What it has from before it joined may be old: of its own and the shared one the newest counts, so without the shared one nothing can be read.</summary>
internal sealed class MemberStore(ClusterWorld world, MemberProcess process, Chance chance) : ILastActiveStore
{
    private const long AgainMs = 500;

    private readonly Dictionary<ulong, UserRecord> _records = new(process.Member.Disk.Records);

    public int Loads => 1;

    public ulong MaxVersion { get; private set; } = process.Member.Disk.MaxVersion;

    public long LastWatermarkMs { get; } = process.Member.Disk.WatermarkMs;

    public bool HasRoomForNewUsers => true;

    public bool IsLoaded(ulong userId) => true;

    public void Write(in UserRecord record)
    {
        MaxVersion = Math.Max(MaxVersion, record.Version);
        if (record.Version >= _records.GetValueOrDefault(record.UserId).Version)
        {
            _records[record.UserId] = record;
        }
    }

    public void Read(StoreRead read) => world.Agenda.In(chance.Between(0, world.Plan.Settings.StoreMs), () => Answer(read));

    // Only a cluster that begins recovers from its disks, and these begin empty.
    public void Walk(PresentWalk walk) => world.Agenda.In(0, () =>
    {
        if (!process.IsDead)
        {
            walk.Begin();
            walk.IsOver = true;
            walk.Complete();
        }
    });

    private void Answer(StoreRead read)
    {
        if (process.IsDead)
        {
            return;
        }

        if (world.Shared.IsAway || process.Member.IsCut)
        {
            world.Agenda.In(AgainMs, () => Complete(read, failed: true));
            return;
        }

        for (int i = 0; i < read.UserIds.Length; i++)
        {
            UserRecord own = _records.GetValueOrDefault(read.UserIds[i]), shared = world.Shared[read.UserIds[i]];
            read.Records[i] = own.Version >= shared.Version ? own : shared;
        }

        Complete(read, failed: false);
    }

    private void Complete(StoreRead read, bool failed)
    {
        if (!process.IsDead)
        {
            read.Failed = failed;
            read.Complete();
        }
    }
}
