using System.Buffers.Binary;

namespace Presence.Server.Storage.Journal;

/// <summary>
/// Reads the blocks of a segment. What does not verify is passed over: the next block that does is found by its hash, so damage in the middle costs
/// the records it hit and no more. Every byte passed over is counted.
/// </summary>
internal ref struct SegmentReader
{
    private readonly ReadOnlySpan<byte> _segment;
    private readonly ulong _number;
    private int _offset = SegmentHeader.Bytes;

    /// <param name="segment">All of the file.</param>
    /// <param name="number">As its name says.</param>
    public SegmentReader(ReadOnlySpan<byte> segment, ulong number)
    {
        _segment = segment;
        _number = number;
    }

    /// <summary>Where the last block read ends: what is behind the end of the last block of all is the tail.</summary>
    public int GoodUntil { get; private set; } = SegmentHeader.Bytes;

    /// <summary>Bytes that did not verify between two blocks.</summary>
    public int Passed { get; private set; }

    /// <summary>Bytes behind the last block that are not zero up to their last; to be read when all blocks are.</summary>
    public readonly int Torn => GoodUntil >= _segment.Length ? 0 : _segment[GoodUntil..].LastIndexOfAnyExcept((byte)0) + 1;

    /// <summary>The records of the next block; false when there is none any more.</summary>
    public bool TryRead(out ReadOnlySpan<byte> records, out int shard)
    {
        while (_offset < _segment.Length)
        {
            if (BlockFormat.TryRead(_segment[_offset..], _number, _offset, out records, out shard))
            {
                Passed += _offset - GoodUntil;
                GoodUntil = _offset += BlockFormat.HeadBytes + records.Length;
                return true;
            }

            _offset = NextPlace(_offset + BlockFormat.Alignment);
        }

        records = default;
        shard = 0;
        return false;
    }

    // Where the next block may begin: its length is not zero.
    private readonly int NextPlace(int offset)
    {
        while (offset + BlockFormat.HeadBytes <= _segment.Length && BinaryPrimitives.ReadUInt32LittleEndian(_segment[(offset + 8)..]) == 0)
        {
            offset += BlockFormat.Alignment;
        }

        return offset + BlockFormat.HeadBytes <= _segment.Length ? offset : _segment.Length;
    }
}
