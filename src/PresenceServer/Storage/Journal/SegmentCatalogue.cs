namespace Presence.Server.Storage.Journal;

/// <summary>Finds the segments of earlier processes, by their heads alone.</summary>
internal static class SegmentCatalogue
{
    /// <exception cref="DataDirectoryException">A segment has a format that this server does not know.</exception>
    public static Segments Read(IJournalFiles files, JournalOptions options, string root)
    {
        var segments = new Segments(files, options);
        SegmentHeader last = default;
        foreach (ulong number in SegmentNames.In(files))
        {
            string name = SegmentNames.Of(number);
            long bytes = files.LengthOf(name);
            if (bytes <= SegmentHeader.Bytes)
            {
                // The process ended while it began.
                files.Delete(name);
                continue;
            }

            last = HeaderOf(files, number, Path.Combine(root, name), last);
            segments.Add(last, bytes);
        }

        return segments;
    }

    // A head that is damaged says nothing; what is behind it is read all the same, as if it had begun with the segment before.
    private static SegmentHeader HeaderOf(IJournalFiles files, ulong number, string path, SegmentHeader before)
    {
        Span<byte> head = stackalloc byte[SegmentHeader.Bytes];
        files.Read(SegmentNames.Of(number), head, 0);
        return SegmentHeader.TryRead(head, path, out SegmentHeader header) && header.Number == number ? header : before with { Number = number, Previous = 0 };
    }
}
