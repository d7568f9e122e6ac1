using Presence.Engine;

namespace Presence.Server.Storage;

/// <summary>
/// Records by key, in memory that the collector does not see; used by one thread at a time. Every update is in place and no record is removed: a key has its
/// place for as long as the table lives, and a walk over the places meets every key once, those that come meanwhile included.
/// </summary>
internal sealed class RecordTable : IDisposable
{
    /// <summary>The design size; a process holds as many tables as its memory budget needs, which several threads can recover at once.</summary>
    public const int TargetRecords = 10_000_000;

    /// <summary>More are not taken.</summary>
    public const int MaxRecords = IdIndex<Keys>.MaxIndex + 1;

    /// <summary>What a record takes where the index is as full as it gets: 24 bytes and 4 of index in a table that is three quarters full.</summary>
    public const int LeastBytes = 29;

    /// <summary>Keys that are announced at a time.</summary>
    public const int Group = IdIndex<Keys>.Group;

    private readonly int[] _hints = new int[Group];
    private readonly Slab<Entry> _entries = new();
    private readonly IdIndex<Keys> _index;

    /// <param name="seed">A secret: ids are chosen by clients.</param>
    public RecordTable(ulong seed) => _index = new(new Keys(_entries), seed);

    public int Count => _entries.Count;

    public bool HasRoom => Count < MaxRecords;

    /// <summary>Bytes of records and index in use.</summary>
    public long MemoryBytes => _entries.Bytes + _index.Bytes;

    /// <summary>About so many records will come at once: the index need not grow under them.</summary>
    public void Reserve(int records) => _index.Reserve(records);

    /// <summary>Begins to bring what finds these keys into the cache.</summary>
    /// <param name="keys">At most <see cref="Group"/>.</param>
    public void Prefetch(ReadOnlySpan<ulong> keys) => _index.Guess(keys, _hints);

    /// <summary>Takes a record unless a newer one of its key is here; an equal version overwrites: who is online for long is rewritten without a transition.</summary>
    /// <returns>False when the key is new and the table is full.</returns>
    public bool TryPut(ulong key, PackedRecord record)
    {
        int place = _index.Find(key);
        if (place < 0)
        {
            return TryAdd(key, record);
        }

        ref PackedRecord known = ref _entries[place].Record;
        known = record.Version >= known.Version ? record : known;
        return true;
    }

    /// <summary>Takes a record that is older than what is here, unless it is newer by its version: of two equal ones the first stays.</summary>
    /// <returns>False when the key is new and the table is full.</returns>
    public bool TryFill(ulong key, PackedRecord record)
    {
        int place = _index.Find(key);
        if (place < 0)
        {
            return TryAdd(key, record);
        }

        ref PackedRecord known = ref _entries[place].Record;
        known = record.Version > known.Version ? record : known;
        return true;
    }

    public bool TryGet(ulong key, out PackedRecord record)
    {
        int place = _index.Find(key);
        record = place >= 0 ? _entries[place].Record : default;
        return place >= 0;
    }

    /// <summary>What is at a place, from 0 in the order in which the keys came.</summary>
    /// <returns>False behind the last.</returns>
    public bool TryWalk(int place, out ulong key, out PackedRecord record)
    {
        Entry entry = place < Count ? _entries[place] : default;
        (key, record) = (entry.Key, entry.Record);
        return place < Count;
    }

    public void Dispose()
    {
        _index.Dispose();
        _entries.Dispose();
    }

    private bool TryAdd(ulong key, PackedRecord record)
    {
        if (!HasRoom)
        {
            return false;
        }

        int place = _entries.Allocate();
        _entries[place] = new Entry { Key = key, Record = record };
        _index.Add(key, place);
        return true;
    }

    private struct Entry
    {
        public ulong Key;
        public PackedRecord Record;
    }

    private readonly struct Keys(Slab<Entry> entries) : IKeyed
    {
        public ulong KeyOf(int index) => entries[index].Key;

        public void Prefetch(int index) => entries.Prefetch(index);
    }
}
