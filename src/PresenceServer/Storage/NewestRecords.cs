using Presence.Engine;

namespace Presence.Server.Storage;

/// <summary>
/// The newest record of each user, in the order in which users came, found by linear probing. In memory the collector does not see: millions
/// may wait for a moment when a gateway names its users, and what they took goes back to the system at once. Not for two threads at a time.
/// </summary>
internal sealed unsafe class NewestRecords(UserHash hash) : IDisposable
{
    private const int FirstCapacity = 1 << 8;

    // What grew in a burst is let go rather than kept at that size: emptying costs by the capacity.
    private const int KeptCapacity = 1 << 11;

    // Places of records, twice as many as there is room for: a probe is short and always meets an empty slot.
    private const int SlotsPerRecord = 2;

    private UserRecord* _records;

    // One more than the place of a record; 0 is empty.
    private int* _slots;
    private int _capacity;

    ~NewestRecords() => Release();

    public int Count { get; private set; }

    /// <summary>In the order in which users came; valid until the next call.</summary>
    public ReadOnlySpan<UserRecord> Records => new(_records, Count);

    /// <summary>Keeps the record unless a newer one of its user is here; of equal ones the later.</summary>
    /// <returns>True when its user had none.</returns>
    public bool Put(in UserRecord record)
    {
        if (Count == _capacity)
        {
            Grow();
        }

        ref int slot = ref SlotOf(record.UserId);
        if (slot == 0)
        {
            _records[Count] = record;
            slot = ++Count;
            return true;
        }

        ref UserRecord known = ref _records[slot - 1];
        known = record.Version >= known.Version ? record : known;
        return false;
    }

    /// <summary>Hands over all records and forgets them. When one cannot be applied, none is forgotten.</summary>
    public void Drain(Action<UserRecord> apply)
    {
        for (int i = 0; i < Count; i++)
        {
            apply(_records[i]);
        }

        Clear();
    }

    public void Clear()
    {
        if (_capacity > KeptCapacity)
        {
            Release();
        }
        else if (Count > 0)
        {
            new Span<int>(_slots, _capacity * SlotsPerRecord).Clear();
        }

        Count = 0;
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private ref int SlotOf(ulong userId)
    {
        // The top bits of the hash choose the stripe (PendingWrites).
        int mask = (_capacity * SlotsPerRecord) - 1;
        int at = (int)hash.Of(userId) & mask;
        while (_slots[at] != 0 && _records[_slots[at] - 1].UserId != userId)
        {
            at = (at + 1) & mask;
        }

        return ref _slots[at];
    }

    private void Grow()
    {
        UserRecord* before = _records;
        int kept = Count;
        int capacity = Math.Max(FirstCapacity, _capacity * 2);
        var records = (UserRecord*)Pages.Map(RecordBytes(capacity), huge: false);
        new ReadOnlySpan<UserRecord>(before, kept).CopyTo(new Span<UserRecord>(records, capacity));
        Release();
        _records = records;
        _slots = (int*)Pages.Map(SlotBytes(capacity), huge: false);
        _capacity = capacity;
        for (int i = 0; i < kept; i++)
        {
            SlotOf(records[i].UserId) = i + 1;
        }
    }

    private void Release()
    {
        if (_capacity > 0)
        {
            Pages.Unmap(_records, RecordBytes(_capacity));
            Pages.Unmap(_slots, SlotBytes(_capacity));
        }

        _records = null;
        _slots = null;
        _capacity = 0;
    }

    private static nuint RecordBytes(int capacity) => (nuint)capacity * (nuint)sizeof(UserRecord);

    private static nuint SlotBytes(int capacity) => (nuint)capacity * SlotsPerRecord * sizeof(int);
}
