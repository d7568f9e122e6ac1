using Presence.Engine;

namespace Presence.Server.Storage;

/// <summary>The tables of one process and how users spread over them. Used by one thread at a time.</summary>
internal sealed class RecordTables : IDisposable
{
    /// <summary>The budget of a user in memory: 24 bytes of record and up to 16 of index.</summary>
    public const int BytesPerUser = 40;

    private readonly RecordTable[] _tables;
    private readonly RetentionRule _retention;
    private readonly long _memoryBudget;

    public RecordTables(long memoryBudget, ulong hashSeed, RetentionRule retention)
    {
        _memoryBudget = memoryBudget;
        _retention = retention;
        Hash = new UserHash(hashSeed);
        var users = memoryBudget / BytesPerUser;
        _tables = new RecordTable[Math.Max(1, (users + RecordTable.TargetRecords - 1) / RecordTable.TargetRecords)];
        for (var i = 0; i < _tables.Length; i++)
        {
            _tables[i] = new RecordTable(hashSeed);
        }
    }

    public UserHash Hash { get; }

    public int TableCount => _tables.Length;

    public long Count => _tables.Sum(table => (long)table.Count);

    public long MemoryBytes => _tables.Sum(table => table.MemoryBytes);

    public bool HasRoom => MemoryBytes < _memoryBudget && Array.TrueForAll(_tables, table => table.HasRoom);

    public RecordTable this[int index] => _tables[index];

    /// <summary>Which table holds a user, the companion included.</summary>
    public int NumberOf(ulong key) => Hash.Table(key, _tables.Length);

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
        return IsUserId(userId) && table.TryGet(userId, out var packed) && !HasExpired(table, userId, packed, out var trueMs)
            ? packed.Unpack(userId, trueMs)
            : new UserRecord(userId, 0, -1, -1, 0, 0);
    }

    /// <summary>Takes a record from a checkpoint. False when the table is full.</summary>
    public bool TryRecover(ulong key, PackedRecord record) =>
        !IsWorthKeeping(key, record) || TableOf(key).TryPut(key, record);

    /// <summary>False for what a checkpoint leaves out: records past the retention, and companions that nobody names.</summary>
    public bool IsWorthKeeping(ulong key, PackedRecord record)
    {
        var table = TableOf(key);
        if ((key & PackedRecord.CompanionBit) == 0)
        {
            // A companion read from a checkpoint follows its user: until then the user's own time has to do.
            return !HasExpired(table, key, record, out _) || (record.HasCompanion && !table.TryGet(key | PackedRecord.CompanionBit, out _));
        }

        var userId = key & ~PackedRecord.CompanionBit;
        return table.TryGet(userId, out var user) && user.HasCompanion && !_retention.HasExpired(user, record.TimeMs);
    }

    public void Dispose()
    {
        foreach (var table in _tables)
        {
            table.Dispose();
        }
    }

    private static bool IsUserId(ulong userId) => userId is > 0 and < PackedRecord.CompanionBit;

    private RecordTable TableOf(ulong key) => _tables[NumberOf(key)];

    private bool HasExpired(RecordTable table, ulong userId, PackedRecord record, out long trueLastActiveMs)
    {
        trueLastActiveMs = record.HasCompanion && table.TryGet(userId | PackedRecord.CompanionBit, out var companion)
            ? companion.TimeMs
            : record.TimeMs;
        return _retention.HasExpired(record, trueLastActiveMs);
    }
}
