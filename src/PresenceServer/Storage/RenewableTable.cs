namespace Presence.Server.Storage;

/// <summary>
/// A table that can be made anew without what nobody needs any more, in slices between which it is used as ever. Meanwhile there are two: what is written goes to the
/// new one, and what is asked for is looked up there first. One thread at a time.
/// </summary>
internal sealed class RenewableTable(ulong seed) : IDisposable
{
    private RecordTable _table = new(seed);
    private RecordTable? _heir;
    private int _next;

    public bool IsBeingRenewed => _heir is not null;

    /// <summary>Rises when the table is a new one: places are others then.</summary>
    public int Renewals { get; private set; }

    /// <summary>Places of the table; while it is being renewed those of the old one.</summary>
    public int Count => _table.Count;

    public bool HasRoom => _table.HasRoom && _heir?.HasRoom != false;

    /// <summary>Bytes of records and index in use, without those that go when the table is new.</summary>
    public long MemoryBytes => _table.MemoryBytes;

    /// <inheritdoc cref="RecordTable.Reserve"/>
    public void Reserve(int records) => _table.Reserve(records);

    /// <inheritdoc cref="RecordTable.Prefetch"/>
    public void Prefetch(ReadOnlySpan<ulong> keys) => _table.Prefetch(keys);

    /// <inheritdoc cref="RecordTable.TryPut"/>
    public bool TryPut(ulong key, PackedRecord record)
    {
        if (_heir is null)
        {
            return _table.TryPut(key, record);
        }

        // What it is to be compared with may not have moved yet.
        return TryMove(key) && _heir.TryPut(key, record);
    }

    /// <inheritdoc cref="RecordTable.TryFill"/>
    public bool TryFill(ulong key, PackedRecord record) => _table.TryFill(key, record);

    /// <inheritdoc cref="RecordTable.TryGet"/>
    public bool TryGet(ulong key, out PackedRecord record)
    {
        record = default;
        return _heir?.TryGet(key, out record) == true || _table.TryGet(key, out record);
    }

    /// <inheritdoc cref="RecordTable.TryWalk"/>
    public bool TryWalk(int place, out ulong key, out PackedRecord record) => _table.TryWalk(place, out key, out record);

    public void BeginRenewal()
    {
        _heir = new RecordTable(seed);
        _next = 0;
    }

    /// <summary>Moves some more.</summary>
    /// <param name="places">Looked at.</param>
    /// <param name="isWorthKeeping">Whether a record is moved; asked while both tables are looked at.</param>
    /// <returns>False when all has moved, and the table is the new one.</returns>
    public bool Renew(int places, Func<ulong, PackedRecord, bool> isWorthKeeping)
    {
        RecordTable heir = _heir!;
        for (int end = _next + places; _next < end; _next++)
        {
            if (!_table.TryWalk(_next, out ulong key, out PackedRecord record))
            {
                _table.Dispose();
                (_table, _heir) = (heir, null);
                Renewals++;
                return false;
            }

            // It fits: there are fewer than there were.
            if (!heir.TryGet(key, out _) && isWorthKeeping(key, record))
            {
                heir.TryPut(key, record);
            }
        }

        return true;
    }

    public void Dispose()
    {
        _table.Dispose();
        _heir?.Dispose();
    }

    private bool TryMove(ulong key) =>
        _heir!.TryGet(key, out _) || !_table.TryGet(key, out PackedRecord record) || _heir.TryPut(key, record);
}
