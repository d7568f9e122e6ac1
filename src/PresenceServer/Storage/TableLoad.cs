namespace Presence.Server.Storage;

/// <summary>Fills one table from checkpoints. One thread's; the table is its own until it has ended.</summary>
internal sealed class TableLoad(CheckpointSources sources, RecordTables tables, int table, byte[] buffer, LoadProgress progress)
{
    /// <returns>False when it was abandoned.</returns>
    /// <exception cref="StoreDamagedException">Neither a whole section of a checkpoint nor the older one of a damaged section can be read.</exception>
    /// <exception cref="DataDirectoryException">The records do not fit in the table.</exception>
    public bool Run()
    {
        // Blocks of a damaged file that verify are kept: an older checkpoint, loaded after it, only fills in what is missing.
        tables[table].Reserve((int)Math.Min(sources.Records / tables.TableCount, RecordTable.MaxRecords));
        bool isWhole = false;
        for (int age = 0; !isWhole; age++)
        {
            isWhole = Load(sources.Get(age) ?? throw sources.Damaged());
            if (progress.IsAbandoned)
            {
                return false;
            }
        }

        return true;
    }

    private bool Load(CheckpointReader source)
    {
        bool isWhole = true;
        (int first, int last) = source.Header.SectionsOf(table, tables.TableCount);
        for (int section = first; section <= last; section++)
        {
            for (long number = 0; number < source.Layout.BlocksOf(section) && !progress.IsAbandoned; number++)
            {
                isWhole &= TryLoad(source, source.Layout.BlockOf(section, number));
            }
        }

        return isWhole;
    }

    private bool TryLoad(CheckpointReader source, in CheckpointLayout.Block block)
    {
        try
        {
            int taken = Take(source.ReadBlock(block, buffer));
            progress.Add(source == sources.Newest ? taken : 0);
            return true;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            sources.Found(source, e.Message);
            return false;
        }
    }

    // How many of them belong to the table; a section of another number of tables holds others too.
    private int Take(ReadOnlySpan<byte> entries)
    {
        long oldestMs = tables.OldestMs;
        int taken = 0;
        while (!entries.IsEmpty)
        {
            ReadOnlySpan<byte> group = entries[..Math.Min(entries.Length, RecordTable.Group * CheckpointFormat.EntryBytes)];
            Announce(group);
            taken += TakeGroup(group, oldestMs);
            entries = entries[group.Length..];
        }

        return taken;
    }

    // What a record costs is waiting for memory: for a group of them that is waited for at the same time.
    private void Announce(ReadOnlySpan<byte> group)
    {
        Span<ulong> keys = stackalloc ulong[RecordTable.Group];
        int count = group.Length / CheckpointFormat.EntryBytes;
        for (int i = 0; i < count; i++)
        {
            keys[i] = CheckpointFormat.ReadEntry(group[(i * CheckpointFormat.EntryBytes)..]).Key;
        }

        tables[table].Prefetch(keys[..count]);
    }

    private int TakeGroup(ReadOnlySpan<byte> group, long oldestMs)
    {
        int taken = 0;
        for (; !group.IsEmpty; group = group[CheckpointFormat.EntryBytes..])
        {
            (ulong key, PackedRecord record) = CheckpointFormat.ReadEntry(group);
            if (tables.NumberOf(key) == table)
            {
                taken++;
                if (!tables.TryRecover(key, record, oldestMs))
                {
                    throw sources.TooMany(tables);
                }
            }
        }

        return taken;
    }
}
