using Presence.Engine;
using Presence.Server.Storage.Journal;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>
/// The store of one process: records in memory, answered late and in any order, made durable by checkpoints. It begins with the newest checkpoint and what the
/// journal has behind it.
/// </summary>
internal sealed class Store : ILastActiveStore
{
    private const long AgainMs = 50;
    private const int Tables = 4;

    // Users who are looked at for a slice of a walk, at the most: few, so that there are several.
    private const long PlacesOfSlice = 16;
    private const int SlicesOfMany = 64;

    private readonly World _world;
    private readonly Disk _disk;
    private readonly Journal _journal;
    private readonly Chance _chance;
    private readonly Chance _chanceOfWalks;
    private readonly Dictionary<ulong, UserRecord> _records;
    private readonly List<ulong> _places;
    private readonly Dictionary<ulong, int> _asked = [];
    private readonly HashSet<StoreRead> _failed = [];
    private readonly long[] _loadedAtMs = new long[Tables];
    private ulong _lastCheckpoint;
    private bool _isDead;
    private bool _isDirty;
    private bool _isWanted;
    private bool _isWriting;

    public Store(World world, Disk disk, Journal journal)
    {
        (_world, _disk, _journal) = (world, disk, journal);
        _chance = world.Chance.Of((ulong)(7_000 + world.Node.Processes));
        _chanceOfWalks = world.Chance.Of((ulong)(6_000 + world.Node.Processes));
        (_records, _lastCheckpoint) = (new(disk.Newest.Records), disk.LastNumber);
        disk.Journaled.Clear();
        JournalReplay replay = journal.Recover(
            disk.Newest.Number, (disk.Fallback.Number > 0 ? disk.Fallback : disk.Newest).Number, record => disk.Journaled.Take(record));
        foreach (UserRecord record in disk.Journaled.All)
        {
            _records[record.UserId] = disk.Newest.With(record.UserId, record);
        }

        _places = [.. _records.Keys];
        MaxVersion = Math.Max(disk.Newest.MaxVersion, replay.MaxVersion);
        LastWatermarkMs = Math.Max(disk.WatermarkMs, replay.WatermarkMs);
        _isDirty = replay.Records > 0;
        journal.WhenCheckpointIsWanted(WantCheckpoint);
        BeginLoading();
        CheckpointInAWhile();
    }

    public ulong MaxVersion { get; private set; }

    public long LastWatermarkMs { get; }

    public bool HasRoomForNewUsers => true;

    public int Loads { get; private set; }

    /// <summary>All records can be read.</summary>
    public bool IsComplete => Loads >= Tables;

    public IEnumerable<UserRecord> Records => _records.Values;

    private bool CheckpointsFail => _disk.CheckpointsFail || _disk.WritesFail;

    public UserRecord this[ulong userId] => _records.GetValueOrDefault(userId);

    /// <summary>The user is being loaded.</summary>
    public bool IsAsked(ulong userId) => _asked.GetValueOrDefault(userId) > 0;

    public void Write(in UserRecord record)
    {
        if (record.Version == 0)
        {
            throw new ViolationException("store", $"a record without a version: {record}");
        }

        _isDirty = true;
        MaxVersion = Math.Max(MaxVersion, record.Version);
        if (!_records.ContainsKey(record.UserId))
        {
            _places.Add(record.UserId);
        }

        if (record.Version >= this[record.UserId].Version)
        {
            _records[record.UserId] = record;
        }

        _world.Truth.Stored(record);
    }

    public bool IsLoaded(ulong userId) => LoadedAtMs(userId) < long.MaxValue;

    /// <summary>Since when what is kept of a user can be read, on the monotonic clock.</summary>
    public long LoadedAtMs(ulong userId) => _loadedAtMs[userId % Tables];

    public void Read(StoreRead read)
    {
        if (!_failed.Remove(read))
        {
            Count(read, 1);
        }

        long late = _world.Plan.Settings.StoreMs + _disk.LateMs;
        if (late == 0)
        {
            Answer(read);
        }
        else
        {
            _world.Agenda.In(_chance.Between(0, late), () => Answer(read));
        }
    }

    public void Walk(PresentWalk walk) =>
        _world.Agenda.In(_chanceOfWalks.Between(0, _world.Plan.Settings.StoreMs + _disk.LateMs), () => Answer(walk));

    /// <summary>The last checkpoint of a clean stop.</summary>
    public void Close()
    {
        _isWriting = false;
        if (BeginCheckpoint() is { } checkpoint)
        {
            EndCheckpoint(checkpoint);
        }
    }

    public void Die() => _isDead = true;

    private void Answer(StoreRead read)
    {
        if (_isDead)
        {
            return;
        }

        if (_world.Node.IsPaused)
        {
            _world.Agenda.In(AgainMs, () => Answer(read));
            return;
        }

        read.Failed = _disk.ReadsFail || !IsLoaded(read);
        if (read.Failed)
        {
            // The engine asks again, and until then nobody is answered.
            _failed.Add(read);
        }
        else
        {
            Count(read, -1);
        }

        for (int i = 0; i < read.UserIds.Length && !read.Failed; i++)
        {
            read.Records[i] = this[read.UserIds[i]];
        }

        _world.Truth.Answered(read);
        read.Complete();
    }

    private void Answer(PresentWalk walk)
    {
        if (_isDead)
        {
            return;
        }

        if (_world.Node.IsPaused || !IsComplete)
        {
            _world.Agenda.In(AgainMs, () => Answer(walk));
            return;
        }

        if (_disk.ReadsFail)
        {
            walk.Fail();
            return;
        }

        walk.Begin();
        for (long left = _chanceOfWalks.Between(1, Math.Max(PlacesOfSlice, _places.Count / SlicesOfMany)); left > 0 && walk.Place < _places.Count && !walk.IsFull; left--)
        {
            UserRecord record = _records[_places[(int)walk.Place++]];
            if ((Status)record.Status != Status.Offline && walk.Wants(record.UserId))
            {
                walk.Add(record);
            }
        }

        walk.IsOver = walk.Place == _places.Count;
        walk.Complete();
    }

    private bool IsLoaded(StoreRead read)
    {
        bool all = true;
        foreach (ulong userId in read.UserIds)
        {
            all &= IsLoaded(userId);
        }

        return all;
    }

    // What others ask of a user changes nothing for it.
    private void Count(StoreRead read, int by)
    {
        if (read is not UserLoad)
        {
            return;
        }

        foreach (ulong userId in read.UserIds)
        {
            _asked[userId] = _asked.GetValueOrDefault(userId) + by;
        }
    }

    private void BeginLoading()
    {
        Array.Fill(_loadedAtMs, long.MaxValue);
        for (int table = 0; table < Tables; table++)
        {
            int loading = table;
            long ms = _chance.Between(0, _world.Plan.Settings.LoadMs);
            if (ms == 0)
            {
                EndLoading(loading);
            }
            else
            {
                _world.Agenda.In(ms, () => EndLoading(loading));
            }
        }
    }

    private void EndLoading(int table)
    {
        if (_world.Node.IsPaused)
        {
            _world.Agenda.In(AgainMs, () => EndLoading(table));
            return;
        }

        _loadedAtMs[table] = _world.Agenda.Now;
        Loads++;
    }

    private void CheckpointInAWhile() => _world.Agenda.In(_world.Plan.Settings.CheckpointEveryMs, () =>
    {
        if (!_isDead)
        {
            CheckpointInAWhile();
            CheckpointNow();
        }
    });

    // The journal cannot let go of what only an older one holds.
    private void WantCheckpoint()
    {
        _isWanted = true;
        _world.Agenda.In(0, CheckpointNow);
    }

    private void CheckpointNow()
    {
        if (_isDead || !IsComplete || _world.Node.IsPaused)
        {
            return;
        }

        if (!_isDirty && !_isWanted)
        {
            MarkTime();
        }
        else if (BeginCheckpoint() is { } checkpoint)
        {
            _world.Agenda.In(_world.Plan.Settings.CheckpointTakesMs, () => EndCheckpoint(checkpoint));
        }
    }

    private void MarkTime()
    {
        if (!_disk.WritesFail)
        {
            _disk.Mark(_world.Wall.Now);
        }
    }

    // Null: one is being written, or the disk takes none.
    private Checkpoint? BeginCheckpoint()
    {
        if (_isWriting || CheckpointsFail)
        {
            return null;
        }

        _isWriting = true;
        _isDirty = _isWanted = false;
        _journal.CheckpointBegins(++_lastCheckpoint);
        return new(_lastCheckpoint, new Dictionary<ulong, UserRecord>(_records), MaxVersion, -1);
    }

    private void EndCheckpoint(Checkpoint checkpoint)
    {
        _isWriting = false;
        if (_isDead || CheckpointsFail)
        {
            _isDirty = true;
            return;
        }

        _disk.Keep(checkpoint with { MaxVersion = MaxVersion, WatermarkMs = _world.Wall.Now });
        _journal.CheckpointEnds(checkpoint.Number, _disk.Fallback.Number);
        _world.Truth.Kept.Checkpointed(checkpoint);
    }
}
