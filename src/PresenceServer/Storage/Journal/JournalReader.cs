namespace Presence.Server.Storage.Journal;

/// <summary>Reads the journal in order from a position on, while it is written, and no further than it is durable. For one caller at a time.</summary>
internal sealed class JournalReader(JournalTail tail, IJournalFiles files, JournalPosition from)
{
    private readonly byte[] _chunk = new byte[BlockFormat.MaxBytes];
    private (ulong Segment, long Offset, int Bytes) _held;

    /// <summary>In front of what is read next.</summary>
    public JournalPosition Position { get; private set; } = from;

    /// <summary>Reads the rest of a block.</summary>
    /// <param name="records">Gets what was read, watermarks included, each with the position behind it.</param>
    /// <exception cref="IOException">The disk does not hand out what it holds.</exception>
    public JournalReadResult Read(List<PlacedRecord> records)
    {
        JournalExtent extent = tail.Extent;
        long? bytes = extent.BytesOf(Position);
        while (bytes == Position.Offset && Position.Record == 0)
        {
            if (extent.Behind(Position) is not { } next)
            {
                return JournalReadResult.End;
            }

            if (next.Previous > Position.Segment)
            {
                // One that was between the two has been removed by somebody else.
                return JournalReadResult.Gone;
            }

            Position = JournalPosition.StartOf(next);
            bytes = extent.BytesOf(Position);
        }

        try
        {
            return bytes > Position.Offset && TryReadBlock(bytes.Value, out ReadOnlySpan<byte> block, out int shard)
                ? Take(block, shard, records)
                : JournalReadResult.Gone;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return JournalReadResult.Gone;
        }
    }

    /// <summary>
    /// Behind <see cref="JournalReadResult.Gone"/>: goes on at the next place from which something can be read, or where the next will be. What lies between is missed.
    /// </summary>
    /// <returns>False when there is no such place yet.</returns>
    /// <exception cref="IOException">The disk does not hand out what it holds.</exception>
    public bool TrySkip()
    {
        JournalExtent extent = tail.Extent;
        (ulong segment, long begunMs) = (Position.Segment, Position.BegunMs);
        if (extent.BytesOf(Position) is { } bytes && bytes >= Position.Offset && files.Exists(SegmentNames.Of(segment)))
        {
            Position = Behind(bytes);
            return true;
        }

        // A segment that began later, whatever its number, is of a journal that came after the one that was read; where there is none, nothing of this one has been.
        SegmentHeader[] readable = [.. extent.Readable.Select(static span => span.Header)];
        int next = Math.Max(0, Array.FindIndex(readable, header => header.Number > segment || header.BegunMs > begunMs));
        if (next < readable.Length)
        {
            Position = JournalPosition.StartOf(readable[next]);
        }

        return next < readable.Length;
    }

    // In the segment: behind the hole or what cannot be read of a block that verifies, else where the next one does.
    private JournalPosition Behind(long bytes)
    {
        if (TryReadBlock(bytes, out ReadOnlySpan<byte> block, out _))
        {
            return BehindHole(block);
        }

        using var all = new SegmentBytes();
        ReadOnlySpan<byte> segment = all.Read(files, SegmentNames.Of(Position.Segment))[..(int)bytes];
        long offset = (Position.Offset + BlockFormat.Alignment) & -BlockFormat.Alignment;
        while (offset < bytes && !BlockFormat.TryRead(segment[(int)offset..], Position.Segment, offset, out _, out _))
        {
            offset += BlockFormat.Alignment;
        }

        return Position with { Offset = Math.Min(offset, bytes), Record = 0 };
    }

    private JournalPosition BehindHole(ReadOnlySpan<byte> block)
    {
        JournalPosition behind = Position with { Offset = Position.Offset + BlockFormat.HeadBytes + block.Length, Record = 0 };
        for (int number = 0; !block.IsEmpty; number++)
        {
            if (!TryRead(ref block, out JournalRecord record))
            {
                return behind;
            }

            if (number >= Position.Record)
            {
                return record.IsHole && !block.IsEmpty ? Position with { Record = number + 1 } : behind;
            }
        }

        return behind;
    }

    private bool TryReadBlock(long bytes, out ReadOnlySpan<byte> block, out int shard)
    {
        // Of what is held the last block may be cut off; one that begins where it begins is not, whatever its length.
        return TryFindBlock(out block, out shard) || (Hold(bytes) && TryFindBlock(out block, out shard));
    }

    private bool TryFindBlock(out ReadOnlySpan<byte> block, out int shard)
    {
        block = default;
        shard = 0;
        long skipped = Position.Offset - _held.Offset;
        return _held.Segment == Position.Segment && skipped >= 0 && skipped < _held.Bytes
            && BlockFormat.TryRead(_chunk.AsSpan((int)skipped, _held.Bytes - (int)skipped), Position.Segment, Position.Offset, out block, out shard);
    }

    private bool Hold(long bytes)
    {
        int length = (int)Math.Min(_chunk.Length, bytes - Position.Offset);
        _held = default;
        files.Read(SegmentNames.Of(Position.Segment), _chunk.AsSpan(0, length), Position.Offset);
        _held = (Position.Segment, Position.Offset, length);
        return true;
    }

    private JournalReadResult Take(ReadOnlySpan<byte> block, int shard, List<PlacedRecord> records)
    {
        JournalPosition behind = Position with { Offset = Position.Offset + BlockFormat.HeadBytes + block.Length, Record = 0 };
        JournalPosition before = Position;
        ReadOnlySpan<byte> rest = block;
        for (int number = 0; !rest.IsEmpty; number++)
        {
            if (!TryRead(ref rest, out JournalRecord record))
            {
                return JournalReadResult.Gone;
            }

            if (number < before.Record)
            {
                continue;
            }

            if (record.IsHole)
            {
                // Told of when all in front of it has been taken.
                return Position == before ? JournalReadResult.Gone : JournalReadResult.Records;
            }

            Position = rest.IsEmpty ? behind : before with { Record = number + 1 };
            records.Add(new(record, shard, Position));
        }

        return Position == before ? JournalReadResult.Gone : JournalReadResult.Records;
    }

    private static bool TryRead(ref ReadOnlySpan<byte> rest, out JournalRecord record)
    {
        try
        {
            record = RecordFormat.Read(ref rest);
            return true;
        }
        catch (InvalidDataException)
        {
            record = default;
            return false;
        }
    }
}

/// <summary>What a look at the journal gave.</summary>
internal enum JournalReadResult
{
    /// <summary>There are records.</summary>
    Records,

    /// <summary>All that is durable has been read.</summary>
    End,

    /// <summary>
    /// What comes next is not there: past the retention, damaged, left out because the disk was too far behind, or the position is of another journal.
    /// </summary>
    Gone,
}

/// <param name="Shard">Who wrote it.</param>
/// <param name="Behind">Where reading goes on.</param>
internal readonly record struct PlacedRecord(JournalRecord Record, int Shard, JournalPosition Behind);
