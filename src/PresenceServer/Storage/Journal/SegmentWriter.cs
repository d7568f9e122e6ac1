namespace Presence.Server.Storage.Journal;

/// <summary>
/// The segment being written. After an exception of any call it is given up and never written or synced again: the kernel may have thrown away
/// what it could not write, and would call the next sync a success.
/// </summary>
internal sealed class SegmentWriter : IDisposable
{
    private readonly IJournalFile _file;
    private readonly long _bytes;
    private long _offset;
    private long _durable;

    private SegmentWriter(IJournalFile file, SegmentHeader header, long bytes) => (_file, Header, _bytes) = (file, header, bytes);

    public SegmentHeader Header { get; }

    public string Name => SegmentNames.Of(Header.Number);

    /// <summary>Bytes written.</summary>
    public long Length => _offset;

    public bool IsDurable => _durable == _offset;

    /// <param name="files">Where.</param>
    /// <param name="header">Written at once, durable with the first <see cref="Sync"/>.</param>
    /// <param name="bytes">Room that is taken on the disk.</param>
    public static SegmentWriter Begin(IJournalFiles files, SegmentHeader header, long bytes)
    {
        var segment = new SegmentWriter(files.Create(SegmentNames.Of(header.Number), bytes), header, bytes);
        try
        {
            Span<byte> head = stackalloc byte[SegmentHeader.Bytes];
            header.Write(head);
            segment.Write(head);
            return segment;
        }
        catch
        {
            segment.Dispose();
            throw;
        }
    }

    public bool HasRoomFor(int blockBytes) => _offset + blockBytes <= _bytes;

    /// <param name="block">Its head is filled in here, its records are in place.</param>
    /// <param name="shard">Who wrote them.</param>
    public void Append(Span<byte> block, int shard)
    {
        BlockFormat.Seal(block, shard, Header.Number, _offset);
        Write(block);
    }

    public void Sync()
    {
        _file.Sync();
        _durable = _offset;
    }

    /// <summary>No more is written: makes it durable and gives back what room is left.</summary>
    public void End()
    {
        _file.Cut(_offset);
        Sync();
    }

    /// <summary>Closes it after an error. What was not durable is written again elsewhere, so its room is worth more than its bytes.</summary>
    public void Abandon()
    {
        try
        {
            _file.Cut(_durable);
        }
        catch (IOException)
        {
            // The reader stops where blocks no longer verify.
        }

        Dispose();
    }

    public void Dispose() => _file.Dispose();

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _file.Write(bytes, _offset);
        _offset += bytes.Length;
    }
}
