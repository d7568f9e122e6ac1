using Presence.Engine;

namespace Presence.Server.Storage.Journal;

/// <summary>Looks up what the journal has of one user, the newest segment first.</summary>
internal sealed class JournalHistory(JournalTail tail, IJournalFiles files)
{
    /// <param name="userId">Whose.</param>
    /// <param name="sinceMs">Unix milliseconds: segments that end before are not read.</param>
    /// <param name="most">The newest so many.</param>
    /// <param name="cancelled">Between two segments: one takes some tens of milliseconds.</param>
    /// <exception cref="IOException">The disk does not hand out what it holds.</exception>
    public UserHistory Of(ulong userId, long sinceMs, int most, CancellationToken cancelled)
    {
        List<JournalRecord> newestFirst = [];
        long readSinceMs = long.MaxValue;
        bool hasHoles = false;
        ulong previous = 0;
        using var bytes = new SegmentBytes();
        foreach (SegmentSpan segment in tail.Extent.Readable.Reverse())
        {
            if (newestFirst.Count >= most || readSinceMs <= sinceMs)
            {
                break;
            }

            cancelled.ThrowIfCancellationRequested();
            ulong number = segment.Header.Number;
            hasHoles |= previous > number;
            previous = segment.Header.Previous;
            if (!files.Exists(SegmentNames.Of(number)))
            {
                // It has gone past the retention, and so has what was before it.
                break;
            }

            newestFirst.AddRange(Enumerable.Reverse(Find(userId, bytes.Read(files, SegmentNames.Of(number)), number, ref hasHoles)));
            readSinceMs = segment.Header.BegunMs;
        }

        JournalRecord[] found = [.. newestFirst.Where(record => VersionClock.MsOf(record.User.Version) >= sinceMs).Take(most)];
        return new UserHistory(found, readSinceMs, hasHoles);
    }

    private static List<JournalRecord> Find(ulong userId, ReadOnlySpan<byte> segment, ulong number, ref bool hasHoles)
    {
        List<JournalRecord> found = [];
        var reader = new SegmentReader(segment, number);
        while (reader.TryRead(out ReadOnlySpan<byte> records, out _))
        {
            hasHoles |= Find(userId, records, found);
        }

        hasHoles |= reader.Passed > 0;
        return found;
    }

    /// <returns>True when there are records that cannot be read, or were left out.</returns>
    private static bool Find(ulong userId, ReadOnlySpan<byte> records, List<JournalRecord> found)
    {
        bool hasHoles = false;
        while (!records.IsEmpty)
        {
            JournalRecord record;
            try
            {
                record = RecordFormat.Read(ref records);
            }
            catch (InvalidDataException)
            {
                return true;
            }

            hasHoles |= record.IsHole;
            if (record.User.UserId == userId)
            {
                found.Add(record);
            }
        }

        return hasHoles;
    }
}

/// <param name="NewestFirst">Changes, those that nobody was told of included.</param>
/// <param name="ReadSinceMs">Unix milliseconds: all that was journaled since then was looked at, and nothing before.</param>
/// <param name="HasHoles">Somewhere in what was looked at records are damaged, or were left out because the disk was too far behind.</param>
internal sealed record UserHistory(IReadOnlyList<JournalRecord> NewestFirst, long ReadSinceMs, bool HasHoles);
