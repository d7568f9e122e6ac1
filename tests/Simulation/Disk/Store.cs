using Presence.Engine;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>
/// The store of one process: records in memory, answered late and in any order, made durable by checkpoints. What was written after the last complete one dies
/// with the process.
/// </summary>
internal sealed class Store : ILastActiveStore
{
    private const long AgainMs = 50;

    // Users who are looked at for a slice of a walk, at the most: few, so that there are several.
    private const long PlacesOfSlice = 16;

    private readonly World _world;
    private readonly Disk _disk;
    private readonly Chance _chance;
    private readonly Chance _chanceOfWalks;
    private readonly Dictionary<ulong, UserRecord> _records;
    private readonly List<ulong> _places;
    private readonly Dictionary<ulong, int> _asked = [];
    private readonly HashSet<StoreRead> _failed = [];
    private bool _isDead;
    private bool _isDirty;

    public Store(World world, Disk disk)
    {
        (_world, _disk) = (world, disk);
        _chance = world.Chance.Of((ulong)(7_000 + world.Node.Processes));
        _chanceOfWalks = world.Chance.Of((ulong)(8_000 + world.Node.Processes));
        _records = new(disk.Checkpoint);
        _places = [.. _records.Keys];
        MaxVersion = disk.MaxVersion;
        LastWatermarkMs = disk.WatermarkMs;
        world.Agenda.In(world.Plan.Settings.CheckpointEveryMs, Checkpoint);
    }

    public ulong MaxVersion { get; private set; }

    public long LastWatermarkMs { get; }

    public bool HasRoomForNewUsers => true;

    public int Loads => 0;

    public IEnumerable<UserRecord> Records => _records.Values;

    public UserRecord this[ulong userId] => _records.GetValueOrDefault(userId);

    /// <summary>A question about this user has not been answered.</summary>
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

    public bool IsLoaded(ulong userId) => true;

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
    public void Close() => _disk.Keep(new(_records), MaxVersion, _world.Wall.Now);

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

        read.Failed = _disk.ReadsFail;
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

        if (_world.Node.IsPaused)
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
        for (long left = _chanceOfWalks.Between(1, PlacesOfSlice); left > 0 && walk.Place < _places.Count; left--)
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

    private void Count(StoreRead read, int by)
    {
        foreach (ulong userId in read.UserIds)
        {
            _asked[userId] = _asked.GetValueOrDefault(userId) + by;
        }
    }

    private void Checkpoint()
    {
        if (_isDead)
        {
            return;
        }

        _world.Agenda.In(_world.Plan.Settings.CheckpointEveryMs, Checkpoint);
        if (_disk.CheckpointsFail || _world.Node.IsPaused)
        {
            return;
        }

        if (!_isDirty)
        {
            _disk.Mark(_world.Wall.Now);
            return;
        }

        _isDirty = false;
        var records = new Dictionary<ulong, UserRecord>(_records);
        ulong maxVersion = MaxVersion;
        _world.Agenda.In(_world.Plan.Settings.CheckpointTakesMs, () =>
        {
            if (!_isDead && !_disk.CheckpointsFail)
            {
                _disk.Keep(records, maxVersion, _world.Wall.Now);
            }
            else
            {
                _isDirty = true;
            }
        });
    }
}
