using System.Buffers.Binary;
using System.IO.Hashing;

namespace Presence.Server.Storage;

/// <summary>
/// A checkpoint file, little-endian: <c>header block*</c>.
/// <code>
/// header  head with the number of sections for a count; then highest version u64, watermark i64 (Unix ms), hash seed u64, and of each section records u64
/// block   head (16 bytes): count u32 (1 … MaxEntries), format u32, hash u64; then count × 24 bytes: key u64, version u64, bits u64
/// </code>
/// A section is a table of the process that wrote it: section i of n holds the users whose <see cref="UserHash.Table"/> of n is i. All of its blocks but the last
/// are full, so the header says where each begins: a damaged block takes no other with it, and many threads read one file.
/// The hash (XXH3) is seeded with the checkpoint's sequence number and the block's place: a block torn, swapped, or left over from
/// another file does not verify. The header is written last; a file without one that verifies is not a checkpoint.
/// </summary>
internal static class CheckpointFormat
{
    /// <summary>A change of it raises <see cref="DataDirectoryManifest.CurrentFormat"/> too, so that other versions refuse the directory rather than call its files damaged.</summary>
    public const uint Version = 2;

    public const int HeadBytes = 16;
    public const int EntryBytes = 8 + PackedRecord.Size;
    public const int MaxEntries = 10_000;
    public const int MaxBlockBytes = HeadBytes + (MaxEntries * EntryBytes);

    /// <summary>Far more than a machine has memory for: what a damaged header cannot make us ask for.</summary>
    public const int MaxSections = 1 << 16;

    /// <summary>The place of the first block; the header's is before it.</summary>
    public const long FirstBlock = 1;

    private const int HeaderFields = 24;

    /// <summary>Bytes of a header, its head included.</summary>
    public static int HeaderBytes(int sections) => HeadBytes + HeaderFields + (sections * sizeof(ulong));

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

    /// <param name="to">As long as <see cref="HeaderBytes"/> says.</param>
    /// <param name="header">What to write.</param>
    /// <param name="sequence">Of the checkpoint.</param>
    public static void WriteHeader(Span<byte> to, CheckpointHeader header, ulong sequence)
    {
        Span<byte> fields = to[HeadBytes..];
        BinaryPrimitives.WriteUInt64LittleEndian(fields, header.MaxVersion);
        BinaryPrimitives.WriteInt64LittleEndian(fields[8..], header.WatermarkMs);
        BinaryPrimitives.WriteUInt64LittleEndian(fields[16..], header.HashSeed);
        for (int section = 0; section < header.Sections.Count; section++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(fields[(HeaderFields + (section * sizeof(ulong)))..], header.Sections[section]);
        }

        WriteHead(to, header.Sections.Count, sequence, FirstBlock - 1);
    }

    /// <param name="payload">What follows the head, verified.</param>
    public static CheckpointHeader ReadHeader(ReadOnlySpan<byte> payload)
    {
        var sections = new long[(payload.Length - HeaderFields) / sizeof(ulong)];
        for (int section = 0; section < sections.Length; section++)
        {
            sections[section] = BinaryPrimitives.ReadInt64LittleEndian(payload[(HeaderFields + (section * sizeof(ulong)))..]);
        }

        return new CheckpointHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(payload),
            BinaryPrimitives.ReadInt64LittleEndian(payload[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(payload[16..]),
            sections);
    }

    public static ulong Hash(ReadOnlySpan<byte> payload, ulong sequence, long place) =>
        XxHash3.HashToUInt64(payload, unchecked((long)(sequence << 32) ^ place));
}
