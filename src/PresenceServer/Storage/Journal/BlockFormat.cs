using System.Buffers.Binary;
using System.IO.Hashing;

namespace Presence.Server.Storage.Journal;

/// <summary>
/// A block: what one write takes to the disk, so what is torn is torn as a whole. Behind a segment's header there is one after the other, each a
/// multiple of 8 bytes, little-endian:
/// <code>
/// 0  XXH3 of all behind it, seeded with the segment's number and the block's place      8  bytes of records u32, 8 … MaxRecordBytes
/// 12 shard u16     14  kind u16, always 1     16  records: see RecordFormat
/// </code>
/// A block that was torn, moved, or is left over from another segment does not verify.
/// </summary>
internal static class BlockFormat
{
    public const int HeadBytes = 16;
    public const int MaxBytes = 1 << 16;
    public const int MaxRecordBytes = MaxBytes - HeadBytes;
    public const int Alignment = 8;

    private const int HashBytes = 8;
    private const ushort Records = 1;

    /// <summary>Completes a block whose records are in place.</summary>
    public static void Seal(Span<byte> block, int shard, ulong segment, long offset)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(block[8..], (uint)(block.Length - HeadBytes));
        BinaryPrimitives.WriteUInt16LittleEndian(block[12..], (ushort)shard);
        BinaryPrimitives.WriteUInt16LittleEndian(block[14..], Records);
        BinaryPrimitives.WriteUInt64LittleEndian(block, Hash(block, segment, offset));
    }

    /// <summary>The records of the block that begins here; false when none does.</summary>
    /// <param name="from">The rest of the segment.</param>
    /// <param name="segment">Its number.</param>
    /// <param name="offset">Where in the segment <paramref name="from"/> begins.</param>
    /// <param name="records">Empty when there is no block.</param>
    /// <param name="shard">The shard that wrote them.</param>
    public static bool TryRead(ReadOnlySpan<byte> from, ulong segment, long offset, out ReadOnlySpan<byte> records, out int shard)
    {
        records = default;
        shard = 0;
        if (from.Length < HeadBytes || BinaryPrimitives.ReadUInt16LittleEndian(from[14..]) != Records)
        {
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(from[8..]);
        if (length is 0 or > MaxRecordBytes || length % Alignment != 0 || length > from.Length - HeadBytes)
        {
            return false;
        }

        ReadOnlySpan<byte> block = from[..(HeadBytes + (int)length)];
        if (BinaryPrimitives.ReadUInt64LittleEndian(block) != Hash(block, segment, offset))
        {
            return false;
        }

        shard = BinaryPrimitives.ReadUInt16LittleEndian(block[12..]);
        records = block[HeadBytes..];
        return true;
    }

    private static ulong Hash(ReadOnlySpan<byte> block, ulong segment, long offset) =>
        XxHash3.HashToUInt64(block[HashBytes..], unchecked((long)(segment << 32) ^ offset));
}
