namespace Presence.Server.Storage.Journal;

/// <summary>
/// The segment being written: blocks are gathered, and go to the disk in one write with the next sync, as a slow disk is slow by the call. After an
/// exception of any call it is given up and never written or synced again: the kernel may have thrown away what it could not write, and would
/// call the next sync a success.
/// </summary>
internal sealed class SegmentWriter : IDisposable
{
    private readonly IJournalFile _file;
    private readonly long _bytes;
    private readonly List<ReadOnlyMemory<byte>> _gathered = [];
    private long _offset;
    private long _durable;

    private SegmentWriter(IJournalFile file, SegmentHeader header, long bytes) => (_file, Header, _bytes) = (file, header, bytes);

    public SegmentHeader Header { get; }

    public string Name => SegmentNames.Of(Header.Number);

    /// <summary>Bytes appended.</summary>
    public long Length => _offset;

    /// <summary>Bytes that are on disk for certain.</summary>
    public long Durable => _durable;

    public bool IsDurable => _durable == _offset;

    /// <param name="files">Where.</param>
    /// <param name="header">Written with what comes first.</param>
    /// <param name="bytes">Room that is taken on the disk.</param>
    public static SegmentWriter Begin(IJournalFiles files, SegmentHeader header, long bytes)
    {
        var segment = new SegmentWriter(files.Create(SegmentNames.Of(header.Number), bytes), header, bytes);
        byte[] head = new byte[SegmentHeader.Bytes];
        header.Write(head);
        segment.Gather(head);
        return segment;
    }

    public bool HasRoomFor(int blockBytes) => _offset + blockBytes <= _bytes;

    /// <param name="block">Its head is filled in here, its records are in place; not to be touched before the next <see cref="Sync"/>.</param>
    /// <param name="shard">Who wrote them.</param>
    public void Append(Memory<byte> block, int shard)
    {
        BlockFormat.Seal(block.Span, shard, Header.Number, _offset);
        Gather(block);
    }

    /// <summary>All that was appended is durable when this returns.</summary>
    public void Sync()
    {
        if (_gathered.Count > 0)
        {
            _file.Write(_gathered, _durable);
            _gathered.Clear();
        }

        _file.Sync();
        _durable = _offset;
    }

    /// <summary>No more is written: makes it durable and gives back what room is left.</summary>
    public void End()
    {
        Sync();
        _file.Cut(_offset);
        _file.Sync();
    }

    /// <summary>Closes it after an error. What was not durable is written again elsewhere, so its room is worth more than its bytes.</summary>
    public void Abandon()
    {
        try
        {
            _file.Cut(_durable);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The reader stops where blocks no longer verify.
        }

        Dispose();
    }

    public void Dispose() => _file.Dispose();

    private void Gather(ReadOnlyMemory<byte> bytes)
    {
        _gathered.Add(bytes);
        _offset += bytes.Length;
    }
}
