namespace Presence.Engine.Tests;

/// <summary>A store in memory that answers when the test says so; it outlives the world, as a disk outlives a process.</summary>
internal sealed class FakeStore : ILastActiveStore
{
    private readonly Dictionary<ulong, UserRecord> _records = [];
    private readonly List<StoreRead> _open = [];

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
    }
}
