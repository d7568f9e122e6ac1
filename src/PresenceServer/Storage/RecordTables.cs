using Presence.Engine;

namespace Presence.Server.Storage;

/// <summary>
/// The tables of one process and how users spread over them. A table is one thread's: that of who loads it, from <see cref="Release"/> and
/// <see cref="TakeOver"/> on the store's.
/// </summary>
internal sealed class RecordTables : IDisposable
{
    /// <summary>The budget of a user in memory: 24 bytes of record and up to 16 of index.</summary>
    public const int BytesPerUser = 40;

    private readonly RenewableTable[] _tables;
    private readonly RetentionRule _retention;
    private readonly long _memoryBudget;

    // By table: its records are all there; the store's thread knows that. Both are there from the beginning when there is nothing to load.
    private readonly bool[] _released;
    private readonly bool[] _owned;
    private long _expected;
    private int _releases;
    private volatile bool _isLoaded = true;
    private bool _ownsAll = true;

    public RecordTables(long memoryBudget, ulong hashSeed, RetentionRule retention)
    {
        _memoryBudget = memoryBudget;
        _retention = retention;
        Hash = new UserHash(hashSeed);
        _tables = new RenewableTable[CountFor(memoryBudget)];
        for (var i = 0; i < _tables.Length; i++)
        {
            _tables[i] = new RenewableTable(hashSeed);
        }

        _released = new bool[_tables.Length];
        _owned = new bool[_tables.Length];
        Array.Fill(_released, true);
        Array.Fill(_owned, true);
    }

    public UserHash Hash { get; }

    public int TableCount => _tables.Length;

    public long Count => _tables.Sum(table => (long)table.Count);

    public long MemoryBytes => _tables.Sum(table => table.MemoryBytes);

    /// <summary>More are not taken, however large the budget.</summary>
    public long MaxRecords => (long)_tables.Length * RecordTable.MaxRecords;

    /// <summary>The budget is not reached, nor will it be by what is being loaded.</summary>
    public bool HasRoom => Math.Max(MemoryBytes, _expected * RecordTable.LeastBytes) < _memoryBudget && Array.TrueForAll(_tables, table => table.HasRoom);

    /// <summary>As of now; see <see cref="RetentionRule.OldestMs"/>.</summary>
    public long OldestMs => _retention.OldestMs;

    /// <summary>Any thread. How often a table was released.</summary>
    public int Releases => Volatile.Read(ref _releases);

    public RenewableTable this[int index] => _tables[index];

    /// <summary>As many as a budget of so many bytes needs.</summary>
    public static int CountFor(long memoryBudget) =>
        (int)Math.Max(1, ((memoryBudget / BytesPerUser) + RecordTable.TargetRecords - 1) / RecordTable.TargetRecords);

    /// <summary>Which table holds a user, the companion included.</summary>
    public int NumberOf(ulong key) => Hash.Table(key, _tables.Length);

    /// <summary>Any thread. What is kept of a user is in its table.</summary>
    public bool IsReleased(ulong key) => _isLoaded || Volatile.Read(ref _released[NumberOf(key)]);

    /// <summary>The store's thread: the user's table is its own.</summary>
    public bool IsOwned(ulong key) => _ownsAll || _owned[NumberOf(key)];

    /// <summary>The store's thread: the table is its own.</summary>
    public bool Owns(int table) => _ownsAll || _owned[table];

    /// <summary>Before anybody uses them: each is to be loaded, with so many records in all.</summary>
    public void Withhold(long records)
    {
        _expected = records;
        Array.Clear(_released);
        Array.Clear(_owned);
        _isLoaded = _ownsAll = false;
    }

    /// <summary>By who has loaded a table: from now on it is the store's thread's.</summary>
    public void Release(int table)
    {
        Volatile.Write(ref _released[table], true);
        if (Interlocked.Increment(ref _releases) == _tables.Length)
        {
            _expected = 0;
            _isLoaded = true;
        }
    }

    /// <summary>The store's thread: what was released is its own from now on.</summary>
    /// <returns>True when a table has come.</returns>
    public bool TakeOver()
    {
        bool came = false;
        for (int table = 0; table < _tables.Length && !_ownsAll; table++)
        {
            if (!_owned[table] && Volatile.Read(ref _released[table]))
            {
                _owned[table] = came = true;
            }
        }

        _ownsAll |= came && Array.TrueForAll(_owned, static owned => owned);
        return came;
    }

    /// <summary>False when the user is new and the table is full. The companion goes last: a record that names one is always in front of it.</summary>
    public bool TryWrite(in UserRecord record)
    {
        var table = TableOf(record.UserId);
        if (!table.TryPut(record.UserId, PackedRecord.Pack(record)))
        {
            return false;
        }

        return !PackedRecord.NeedsCompanion(record)
            || table.TryPut(record.UserId | PackedRecord.CompanionBit, PackedRecord.PackCompanion(record));
    }

    /// <summary>The user's record; version 0 when there is none or it is past the retention.</summary>
    public UserRecord Read(ulong userId)
    {
        var table = TableOf(userId);
        long oldestMs = OldestMs;
        return IsUserId(userId) && table.TryGet(userId, out var packed) && !HasExpired(table, userId, packed, oldestMs, out var trueMs)
            ? RetentionRule.WithinIt(packed.Unpack(userId, trueMs), oldestMs)
            : new UserRecord(userId, 0, -1, -1, 0, 0);
    }

    /// <summary>Who is at a place of a table (<see cref="RecordTable.TryWalk"/>), if it is a user who is not OFFLINE; such a record does not expire.</summary>
    /// <param name="table">Its number.</param>
    /// <param name="place">In it.</param>
    /// <param name="isWhole">Users who are OFFLINE count too, unless they are past the retention.</param>
    /// <param name="found">As <see cref="Read"/> gives it; version 0 for anybody else.</param>
    /// <returns>False behind the last place.</returns>
    public bool TryWalk(int table, int place, bool isWhole, out UserRecord found)
    {
        bool hasPlace = _tables[table].TryWalk(place, out ulong key, out PackedRecord record);
        bool isOffline = record.Status == RetentionRule.Offline;
        bool counts = hasPlace && IsUserId(key) && (isWhole || !isOffline);
        found = !counts ? default : record.HasCompanion || isOffline ? Read(key) : record.Unpack(key, record.TimeMs);
        return hasPlace;
    }

    /// <summary>Takes a record from a checkpoint, the newest checkpoint first. False when the table is full.</summary>
    public bool TryRecover(ulong key, PackedRecord record, long oldestMs) =>
        !(IsWorthKeeping(key, record, oldestMs) || LacksCompanion(key, record)) || TableOf(key).TryFill(key, record);

    /// <summary>False for what a checkpoint leaves out: records past the retention, and companions that nobody names.</summary>
    public bool IsWorthKeeping(ulong key, PackedRecord record, long oldestMs)
    {
        var table = TableOf(key);
        if ((key & PackedRecord.CompanionBit) == 0)
        {
            return !HasExpired(table, key, record, oldestMs, out _);
        }

        var userId = key & ~PackedRecord.CompanionBit;
        return table.TryGet(userId, out var user) && user.HasCompanion && !RetentionRule.HasExpired(user, record.TimeMs, oldestMs);
    }

    public void Dispose()
    {
        foreach (var table in _tables)
        {
            table.Dispose();
        }
    }

    // A companion read from a checkpoint follows its user, and alone knows when that was seen last. Nowhere else: one that was let go a moment before its user would keep it for ever.
    private bool LacksCompanion(ulong key, PackedRecord record) =>
        record.HasCompanion && !TableOf(key).TryGet(key | PackedRecord.CompanionBit, out _);

    private static bool IsUserId(ulong userId) => userId is > 0 and < PackedRecord.CompanionBit;

    private RenewableTable TableOf(ulong key) => _tables[NumberOf(key)];

    private static bool HasExpired(RenewableTable table, ulong userId, PackedRecord record, long oldestMs, out long trueLastActiveMs)
    {
        trueLastActiveMs = record.HasCompanion && table.TryGet(userId | PackedRecord.CompanionBit, out var companion)
            ? companion.TimeMs
            : record.TimeMs;
        return RetentionRule.HasExpired(record, trueLastActiveMs, oldestMs);
    }
}
