using System.Buffers.Binary;
using System.IO.Hashing;
using Presence.Engine;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;

namespace Presence.Fuzz.Targets;

/// <summary>
/// A segment of the journal as it may lie on a disk. The reader finds the blocks that a look at every place finds, counts every byte it passed over, and
/// what it hands out is sealed as it would be written. The first byte of the input says whether the hashes of its header and blocks are put right first:
/// no mutation would hit one by itself.
/// </summary>
internal static class JournalSegments
{
    private const ulong Number = 7;
    private const int SealHeader = 1;
    private const int SealBlocks = 2;
    private const int HashAt = 120;

    public static Target Target { get; } = new(
        "journal-segments", Judge, Seeds, ["PRESJRNL"u8.ToArray(), [1, 0, 0, 0], [24, 0, 0, 0], [48, 0, 0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 0, 0, 0]]);

    private static bool Judge(byte[] input)
    {
        if (input.Length == 0)
        {
            return false;
        }

        byte[] segment = input[1..];
        Seal(segment, input[0]);
        CheckHeader(segment);
        return CheckBlocks(segment);
    }

    private static void Seal(byte[] segment, byte how)
    {
        if ((how & SealHeader) != 0 && segment.Length >= SegmentHeader.Bytes)
        {
            "PRESJRNL"u8.CopyTo(segment);
            BinaryPrimitives.WriteUInt64LittleEndian(segment.AsSpan(HashAt), XxHash3.HashToUInt64(segment.AsSpan(0, HashAt)));
        }

        if ((how & SealBlocks) == 0)
        {
            return;
        }

        for (int at = SegmentHeader.Bytes; at + BlockFormat.HeadBytes < segment.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(segment.AsSpan(at + 8));
            int shard = BinaryPrimitives.ReadUInt16LittleEndian(segment.AsSpan(at + 12));
            bool fits = length > 0 && length <= segment.Length - at - BlockFormat.HeadBytes && length % BlockFormat.Alignment == 0;
            int bytes = fits ? BlockFormat.HeadBytes + (int)length : BlockFormat.Alignment;
            if (fits)
            {
                BlockFormat.Seal(segment.AsSpan(at, bytes), shard, Number, at);
            }

            at += bytes;
        }
    }

    private static void CheckHeader(byte[] segment)
    {
        try
        {
            if (SegmentHeader.TryRead(segment, "segment", out SegmentHeader header))
            {
                byte[] bytes = new byte[SegmentHeader.Bytes];
                header.Write(bytes);
                Oracle.Holds(SegmentHeader.TryRead(bytes, "segment", out SegmentHeader again) && header == again, "a header is written as another one");
            }
        }
        catch (DataDirectoryException)
        {
            Oracle.Holds(BinaryPrimitives.ReadUInt32LittleEndian(segment.AsSpan(8)) != SegmentHeader.Format, "a header of our own format is called one of another");
        }
    }

    private static bool CheckBlocks(byte[] segment)
    {
        var reader = new SegmentReader(segment, Number);
        int good = SegmentHeader.Bytes, passed = 0, blocks = 0;
        while (TryFind(segment, good, out int at))
        {
            Oracle.Holds(reader.TryRead(out ReadOnlySpan<byte> records, out int shard), "the reader misses a block");
            int end = at + BlockFormat.HeadBytes + records.Length;
            Oracle.Holds(reader.GoodUntil == end && end <= segment.Length, "the reader finds another block than the next");
            byte[] sealedAgain = segment[at..end];
            BlockFormat.Seal(sealedAgain, shard, Number, at);
            Oracle.Equal(segment.AsSpan(at..end), sealedAgain, "a block is sealed as other bytes");
            JournalRecords.CheckAll(records);
            passed += at - good;
            (good, blocks) = (end, blocks + 1);
        }

        Oracle.Holds(!reader.TryRead(out _, out _), "the reader finds a block where there is none");
        Oracle.Holds(reader.Passed == passed, "the reader counts other bytes than it passed over");
        Oracle.Holds(reader.Torn >= 0 && reader.GoodUntil + reader.Torn <= Math.Max(segment.Length, SegmentHeader.Bytes), "more is torn than there is");
        return blocks > 0;
    }

    private static bool TryFind(byte[] segment, int from, out int at)
    {
        for (at = from; at < segment.Length; at += BlockFormat.Alignment)
        {
            if (BlockFormat.TryRead(segment.AsSpan(at), Number, at, out _, out _))
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<byte[]> Seeds()
    {
        byte[] header = new byte[SegmentHeader.Bytes];
        new SegmentHeader(Number, 1_790_000_000_000, 3, 0).Write(header);
        yield return [0, .. header];
        var segment = new List<byte>(header);
        for (int shard = 0; shard < 3; shard++)
        {
            var block = new JournalBlock();
            foreach (JournalEntry entry in JournalRecords.Entries())
            {
                block.Add(entry);
            }

            BlockFormat.Seal(block.Bytes.Span, shard, Number, segment.Count);
            segment.AddRange(block.Bytes.Span);
            yield return [(byte)(SealHeader | SealBlocks), .. segment];
        }

        // As a process leaves it that was killed: room taken ahead, a torn block, and damage in the middle.
        yield return [SealHeader, .. segment, .. new byte[256]];
        yield return [0, .. segment[..^8]];
        segment[SegmentHeader.Bytes + 20] ^= 1;
        yield return [0, .. segment];
    }
}
