using Presence.Engine;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;

namespace Presence.Fuzz.Targets;

/// <summary>
/// The records of a block of the journal. Reading takes at least a whole record or says that there is none, and a record that was read is written and
/// read again as the same.
/// </summary>
internal static class JournalRecords
{
    public static Target Target { get; } = new("journal-records", Judge, Seeds, [[0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0x40], [0, 0, 0, 0, 0, 0, 0x40, 0x20], [4, 0]]);

    /// <summary>Reads all records there are; false when the bytes end before the last of them.</summary>
    public static bool CheckAll(ReadOnlySpan<byte> records)
    {
        while (!records.IsEmpty)
        {
            int before = records.Length;
            JournalRecord record;
            try
            {
                record = RecordFormat.Read(ref records);
            }
            catch (InvalidDataException)
            {
                return false;
            }

            Oracle.Holds(before - records.Length is >= RecordFormat.MinBytes and <= RecordFormat.MaxBytes, "a record takes fewer or more bytes than one can");
            Oracle.Holds(Same(record, ReadBack(record)), "a record that was read is written as something else");
        }

        return true;
    }

    private static bool Judge(byte[] input) => CheckAll(input) && input.Length > 0;

    private static JournalRecord ReadBack(in JournalRecord record)
    {
        Span<byte> bytes = stackalloc byte[RecordFormat.MaxBytes];
        int length = record.IsHole ? RecordFormat.WriteHole(bytes)
            : record.IsWatermark ? RecordFormat.WriteWatermark(bytes, record.WatermarkMs, record.User.Version)
            : record.Cause is { } cause ? RecordFormat.Write(bytes, new JournalEntry(record.User, cause, record.IsVisible, record.Text))
            : RecordFormat.WriteCoalesced(bytes, record.User, record.IsVisible);
        ReadOnlySpan<byte> written = bytes[..length];
        JournalRecord again = RecordFormat.Read(ref written);
        Oracle.Holds(written.IsEmpty, "a record that was written is longer than what is read of it");
        return again;
    }

    // A hole says nothing but that it is one, a watermark its time and the clock; what stands for several changes has no text.
    private static bool Same(in JournalRecord one, in JournalRecord other)
    {
        if (one.IsHole || one.IsWatermark)
        {
            return (one.IsHole, one.IsWatermark) == (other.IsHole, other.IsWatermark)
                && (one.IsHole || (one.WatermarkMs, one.User.Version) == (other.WatermarkMs, other.User.Version));
        }

        return (one.User, one.Cause, one.IsVisible) == (other.User, other.Cause, other.IsVisible)
            && (one.Cause is null || (one.Text ?? []).AsSpan().SequenceEqual(other.Text ?? []));
    }

    private static IEnumerable<byte[]> Seeds()
    {
        var block = new JournalBlock();
        foreach (JournalEntry entry in Entries())
        {
            block.Add(entry);
            var alone = new JournalBlock();
            alone.Add(entry);
            yield return alone.Bytes[BlockFormat.HeadBytes..].ToArray();
        }

        block.AddCoalesced(Entries()[0].User, isVisible: true);
        block.AddWatermark(1_790_000_000_000, 77);
        block.AddHole();
        yield return block.Bytes[BlockFormat.HeadBytes..].ToArray();
    }

    /// <summary>One of each kind: plain, with a text, invisible.</summary>
    public static JournalEntry[] Entries() =>
    [
        new(new UserRecord(1, 10, 1_790_000_000_000, 1_790_000_000_000, 1, 0), TransitionCause.Up, true, null),
        new(new UserRecord(2, 11, 1_790_000_000_000, 1_790_000_000_000, 3, 0), TransitionCause.Explicit, true, "in a call"u8.ToArray()),
        new(new UserRecord(long.MaxValue, ulong.MaxValue, 5, 9, PackedRecord.MaxStatus, PackedRecord.MaxFlags), TransitionCause.RecoveringOver, false, null),
    ];
}
