namespace Presence.Engine.Tests;

/// <summary>A store in memory that answers when the test says so; it outlives the world, as a disk outlives a process.</summary>
internal sealed class FakeStore : ILastActiveStore
{
    private readonly Dictionary<ulong, UserRecord> _records = [];
    private readonly List<ulong> _places = [];
    private readonly List<StoreRead> _open = [];
    private readonly List<PresentWalk> _walks = [];

    // Users of whom it cannot say yet what it keeps.
    private readonly HashSet<ulong> _notLoaded = [];

    /// <summary>False: answers wait for <see cref="AnswerOne"/> or <see cref="AnswerAll"/>.</summary>
    public bool AnswersAtOnce { get; set; } = true;

    /// <summary>The next answers say that the store could not read.</summary>
    public bool Fails { get; set; }

    public ulong MaxVersion { get; private set; }

    public long LastWatermarkMs { get; set; } = -1;

    public bool HasRoomForNewUsers { get; set; } = true;

    public int Loads { get; private set; }

    public int Open => _open.Count;

    public int Writes { get; private set; }

    /// <summary>Slices of walks that were asked for.</summary>
    public int Slices { get; private set; }

    /// <summary>Users who are looked at for a slice of a walk.</summary>
    public int PlacesOfSlice { get; set; } = 1_000;

    public UserRecord this[ulong userId]
    {
        get => _records.GetValueOrDefault(userId);
        set => Write(value);
    }

    public void Write(in UserRecord record)
    {
        Assert.NotEqual(0UL, record.Version);
        Writes++;
        MaxVersion = Math.Max(MaxVersion, record.Version);
        if (!_records.ContainsKey(record.UserId))
        {
            _places.Add(record.UserId);
        }

        if (record.Version >= this[record.UserId].Version)
        {
            _records[record.UserId] = record;
        }
    }

    /// <summary>It has just started, and what it keeps of these users cannot be read.</summary>
    public void Unload(params IEnumerable<ulong> userIds) => _notLoaded.UnionWith(userIds);

    public bool IsLoaded(ulong userId) => !_notLoaded.Contains(userId);

    /// <summary>What it keeps of the user can be read from now on.</summary>
    public void Load(ulong userId)
    {
        _notLoaded.Remove(userId);
        Loads++;
        if (AnswersAtOnce)
        {
            WalkOn();
        }
    }

    public void Read(StoreRead read)
    {
        foreach (ulong userId in read.UserIds)
        {
            Assert.DoesNotContain(userId, _notLoaded);
        }

        _open.Add(read);
        if (AnswersAtOnce)
        {
            AnswerOne(_open.Count - 1);
        }
    }

    public void Walk(PresentWalk walk)
    {
        Slices++;
        _walks.Add(walk);
        if (AnswersAtOnce)
        {
            WalkOn();
        }
    }

    public void AnswerOne(int which)
    {
        StoreRead read = _open[which];
        _open.RemoveAt(which);
        read.Failed = Fails;
        for (int i = 0; i < read.UserIds.Length && !Fails; i++)
        {
            read.Records[i] = this[read.UserIds[i]];
        }

        read.Complete();
    }

    public void AnswerAll()
    {
        while (_open.Count > 0)
        {
            AnswerOne(0);
        }

        WalkOn();
    }

    /// <summary>Answers the walks that are open, but for those whose next user is not loaded.</summary>
    public void WalkOn()
    {
        foreach (PresentWalk walk in _walks.Where(IsReady).ToArray())
        {
            _walks.Remove(walk);
            if (Fails)
            {
                walk.Fail();
                continue;
            }

            walk.Begin();
            Fill(walk);
            walk.Complete();
        }
    }

    private bool IsReady(PresentWalk walk) => walk.Place == _places.Count || IsLoaded(_places[(int)walk.Place]);

    private void Fill(PresentWalk walk)
    {
        for (int looked = 0; looked < PlacesOfSlice && walk.Place < _places.Count && IsReady(walk) && !walk.IsFull; looked++)
        {
            UserRecord record = _records[_places[(int)walk.Place++]];
            if (record.Status != (byte)V1.Status.Offline && walk.Wants(record.UserId))
            {
                walk.Add(record);
            }
        }

        walk.IsOver = walk.Place == _places.Count;
    }
}
