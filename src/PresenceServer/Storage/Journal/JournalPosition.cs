using System.Globalization;
using System.Numerics;

namespace Presence.Server.Storage.Journal;

/// <summary>
/// A place in the journal, in front of a record. Written as <c>SEGMENT-BEGUN-OFFSET-RECORD</c> in decimal; to whoever keeps one it is opaque. The time at
/// which the segment was begun tells it from the segment of that number in another data directory.
/// </summary>
/// <param name="Segment">Number of the segment.</param>
/// <param name="BegunMs">Unix milliseconds, of the segment.</param>
/// <param name="Offset">Where a block begins, or where the next one will.</param>
/// <param name="Record">Records of that block that are in front of the place.</param>
internal readonly record struct JournalPosition(ulong Segment, long BegunMs, long Offset, int Record)
{
    private const int Parts = 4;

    /// <summary>In front of the first record of a segment.</summary>
    public static JournalPosition StartOf(in SegmentHeader segment) => new(segment.Number, segment.BegunMs, SegmentHeader.Bytes, 0);

    /// <summary>Takes what <see cref="ToString"/> made; whether there is such a place is not known then.</summary>
    public static bool TryParse(string text, out JournalPosition position)
    {
        position = default;
        string[] parts = text.Split('-');
        if (parts.Length != Parts
            || !TryParse(parts[0], out ulong segment) || !TryParse(parts[1], out long begunMs)
            || !TryParse(parts[2], out long offset) || !TryParse(parts[3], out int record))
        {
            return false;
        }

        position = new JournalPosition(segment, begunMs, offset, record);
        return offset >= SegmentHeader.Bytes;
    }

    /// <summary>In front of another place of the same journal.</summary>
    public bool IsBefore(in JournalPosition other) => (Segment, Offset, Record).CompareTo((other.Segment, other.Offset, other.Record)) < 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Segment}-{BegunMs}-{Offset}-{Record}");

    // The runtime's parser lets zero characters follow the digits.
    private static bool TryParse<T>(string text, out T number)
        where T : struct, INumberBase<T> => T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && text[^1] != '\0';
}
