using System.Buffers.Binary;
using System.IO.Hashing;

namespace Presence.Server.Storage;

/// <summary>
/// A checkpoint file, little-endian: <c>block* footer</c>.
/// <code>
/// block   head (16 bytes): count u32 (1 … MaxEntries), format u32, hash u64; then count × 24 bytes: key u64, version u64, bits u64
/// footer  head with count 0 and the hash of its payload; then records u64, highest version u64, watermark i64 (Unix ms)
/// </code>
/// The hash (XXH3) is seeded with the checkpoint's sequence number and the block's place: a block torn, swapped, or left over from
/// another file does not verify. A file without a footer that verifies is not a checkpoint.
/// </summary>
internal static class CheckpointFormat
{
    public const uint Version = 1;
    public const int HeadBytes = 16;
    public const int EntryBytes = 8 + PackedRecord.Size;
    public const int FooterBytes = 24;
    public const int MaxEntries = 10_000;
    public const int MaxBlockBytes = HeadBytes + (MaxEntries * EntryBytes);

    public static void WriteEntry(Span<byte> to, ulong key, PackedRecord record)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to, key);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], record.Version);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], record.Bits);
    }

    public static (ulong Key, PackedRecord Record) ReadEntry(ReadOnlySpan<byte> from) => (
        BinaryPrimitives.ReadUInt64LittleEndian(from),
        new PackedRecord(BinaryPrimitives.ReadUInt64LittleEndian(from[8..]), BinaryPrimitives.ReadUInt64LittleEndian(from[16..])));

    public static void WriteHead(Span<byte> block, int count, ulong sequence, long place)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(block, (uint)count);
        BinaryPrimitives.WriteUInt32LittleEndian(block[4..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(block[8..], Hash(block[HeadBytes..], sequence, place));
    }

    public static (uint Count, uint Format, ulong Hash) ReadHead(ReadOnlySpan<byte> head) => (
        BinaryPrimitives.ReadUInt32LittleEndian(head),
        BinaryPrimitives.ReadUInt32LittleEndian(head[4..]),
        BinaryPrimitives.ReadUInt64LittleEndian(head[8..]));

    public static void WriteFooter(Span<byte> to, CheckpointFooter footer)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to, footer.Records);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], footer.MaxVersion);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], footer.WatermarkMs);
    }

    public static CheckpointFooter ReadFooter(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(from),
        BinaryPrimitives.ReadUInt64LittleEndian(from[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(from[16..]));

    public static ulong Hash(ReadOnlySpan<byte> payload, ulong sequence, long place) =>
        XxHash3.HashToUInt64(payload, unchecked((long)(sequence << 32) ^ place));
}
