namespace Presence.Server.Storage;

/// <summary>
/// Gives back the memory of users whom the retention has let go: a table of which a checkpoint has found enough to be dead is made anew, one at a time and never
/// while a checkpoint walks. On the store's thread.
/// </summary>
internal sealed class TableRenewal(RecordTables tables)
{
    // A turn's share: some 300 µs.
    private const int Slice = 4_096;

    // Of a table; fewer are not worth the copy of the others.
    private const int LeastDead = 4_096;
    private const int DeadPart = 4;

    private readonly Queue<int> _due = new();

    public bool IsUnderWay => _due.Count > 0;

    /// <summary>A checkpoint has been written.</summary>
    /// <param name="kept">Records of each table that were in it.</param>
    public void Consider(IReadOnlyList<long> kept)
    {
        for (int table = 0; table < kept.Count; table++)
        {
            long dead = tables[table].Count - kept[table];
            if (dead >= Math.Max(LeastDead, tables[table].Count / DeadPart))
            {
                _due.Enqueue(table);
            }
        }
    }

    /// <summary>One slice of work.</summary>
    public void Step()
    {
        RenewableTable table = tables[_due.Peek()];
        if (!table.IsBeingRenewed)
        {
            table.BeginRenewal();
        }

        long oldestMs = tables.OldestMs;
        if (!table.Renew(Slice, (key, record) => tables.IsWorthKeeping(key, record, oldestMs)))
        {
            _due.Dequeue();
        }
    }

    /// <summary>Completes the table that is being renewed, and begins no other.</summary>
    public void End()
    {
        while (_due.TryPeek(out int table) && tables[table].IsBeingRenewed)
        {
            Step();
        }

        _due.Clear();
    }
}
