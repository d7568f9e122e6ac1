namespace Presence.Server.Storage.Journal;

/// <summary>What of the journal is durable at one moment. Immutable.</summary>
/// <param name="segments">Oldest first.</param>
/// <param name="writing">Number of the segment that is being written, 0 for none.</param>
/// <param name="durable">Bytes of that one that are on disk.</param>
internal sealed class JournalExtent(IReadOnlyList<SegmentSpan> segments, ulong writing, long durable)
{
    public static readonly JournalExtent Empty = new([], 0, 0);

    /// <summary>Segments that are kept.</summary>
    public int Segments => segments.Count;

    /// <summary>What is in them.</summary>
    public long Bytes => segments.Sum(static segment => segment.Bytes);

    /// <summary>Behind all that is durable; null while nothing is.</summary>
    public JournalPosition? End
    {
        get
        {
            JournalPosition? end = null;
            foreach (SegmentSpan segment in Readable)
            {
                end = JournalPosition.StartOf(segment.Header) with { Offset = BytesOf(segment) };
            }

            return end;
        }
    }

    /// <summary>Those of which something can be read, oldest first.</summary>
    public IEnumerable<SegmentSpan> Readable => segments.Where(segment => BytesOf(segment) >= SegmentHeader.Bytes);

    /// <summary>How much of a segment can be read; null when it is not kept any more, or never was.</summary>
    public long? BytesOf(in JournalPosition position)
    {
        foreach (SegmentSpan segment in Readable)
        {
            if (segment.Header.Number == position.Segment && segment.Header.BegunMs == position.BegunMs)
            {
                return BytesOf(segment);
            }
        }

        return null;
    }

    /// <summary>The next segment behind one that was read to its end; null when that is the last.</summary>
    public SegmentHeader? Behind(in JournalPosition position)
    {
        foreach (SegmentSpan segment in Readable)
        {
            if (segment.Header.Number > position.Segment)
            {
                return segment.Header;
            }
        }

        return null;
    }

    /// <summary>Bytes that can be read behind a position; all there are when it is not in any segment.</summary>
    public long BytesBehind(in JournalPosition position)
    {
        ulong segment = position.Segment;
        return Math.Max(0, (BytesOf(position) ?? 0) - position.Offset) + Readable.Where(span => span.Header.Number > segment).Sum(BytesOf);
    }

    private long BytesOf(SegmentSpan segment) => segment.Header.Number == writing ? durable : segment.Bytes;
}

/// <summary>A segment on disk.</summary>
/// <param name="Header">As it was begun.</param>
/// <param name="Bytes">Its length; of the one that is being written the room it has taken.</param>
internal readonly record struct SegmentSpan(SegmentHeader Header, long Bytes);
