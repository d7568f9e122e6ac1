namespace Presence.Server.Storage.Journal;

/// <summary>What earlier processes left in the journal, read once at start.</summary>
internal sealed class JournalReplay(IJournalFiles files, Segments segments, string root, ILogger logger)
{
    /// <summary>Records of users that were read.</summary>
    public long Records { get; private set; }

    /// <summary>Bytes that did not verify: torn by the end of a process, or damaged since.</summary>
    public long LostBytes { get; private set; }

    /// <summary>Places where a segment is gone that the checkpoint may not hold.</summary>
    public int Gaps { get; private set; }

    /// <summary>The last watermark of any shard, Unix milliseconds; −1 when there is none.</summary>
    public long WatermarkMs { get; private set; } = -1;

    /// <summary>The highest stamp met.</summary>
    public ulong MaxVersion { get; private set; }

    /// <summary>
    /// Hands over every record of a user that <paramref name="checkpoint"/> may not hold, in the order of the journal, and some that it does hold: of two
    /// records of a user the higher version counts, of equal ones the later. Cuts off what is torn, so that it is told of once.
    /// </summary>
    /// <param name="checkpoint">Number of the checkpoint that was loaded, 0 for none.</param>
    /// <param name="apply">Takes a record.</param>
    /// <exception cref="DataDirectoryException">The disk does not hand out what it holds.</exception>
    public void Run(ulong checkpoint, Action<JournalRecord> apply)
    {
        try
        {
            SegmentHeader[] headers = [.. segments.Since(checkpoint)];
            ReportGaps(headers, checkpoint);
            Read(headers, apply);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException($"'{root}' cannot be read: {e.Message}", e);
        }

        logger.Replayed(Records, WatermarkMs, checkpoint);
    }

    private void Read(SegmentHeader[] headers, Action<JournalRecord> apply)
    {
        using var bytes = new SegmentBytes();
        foreach (SegmentHeader header in headers)
        {
            Read(header.Number, bytes.Read(files, SegmentNames.Of(header.Number)), apply);
        }
    }

    private void Read(ulong number, ReadOnlySpan<byte> segment, Action<JournalRecord> apply)
    {
        var reader = new SegmentReader(segment, number);
        int malformed = 0;
        while (reader.TryRead(out ReadOnlySpan<byte> records, out _))
        {
            malformed += Apply(records, apply);
        }

        string name = SegmentNames.Of(number);
        string path = Path.Combine(root, name);
        Report(path, reader.Passed + malformed, reader.Torn, reader.GoodUntil);

        // Of the newest always: the room it had taken ahead is still taken, though its length does not show it. Never of one whose head is damaged: it
        // may be of a format we do not know.
        bool hasTail = reader.GoodUntil < segment.Length || number + 1 == segments.NextNumber;
        if (hasTail && SegmentHeader.TryRead(segment, path, out SegmentHeader header) && header.Number == number)
        {
            files.Cut(name, reader.GoodUntil);
            segments.Resize(number, reader.GoodUntil);
        }
    }

    /// <returns>Bytes that could not be read.</returns>
    private int Apply(ReadOnlySpan<byte> records, Action<JournalRecord> apply)
    {
        while (!records.IsEmpty)
        {
            JournalRecord record;
            try
            {
                record = RecordFormat.Read(ref records);
            }
            catch (InvalidDataException)
            {
                return records.Length;
            }

            Take(record, apply);
        }

        return 0;
    }

    private void Take(in JournalRecord record, Action<JournalRecord> apply)
    {
        MaxVersion = Math.Max(MaxVersion, record.User.Version);
        if (record.IsHole)
        {
            return;
        }

        if (record.IsWatermark)
        {
            WatermarkMs = record.WatermarkMs;
            return;
        }

        Records++;
        apply(record);
    }

    // Nothing is removed that the checkpoint may not hold: so in front of all there is one that began before it, unless it was the first ever.
    private void ReportGaps(SegmentHeader[] headers, ulong checkpoint)
    {
        ulong before = headers is [var first, ..] && (checkpoint == 0 || first.Checkpoint < checkpoint) ? first.Previous : 0;
        foreach (SegmentHeader header in headers)
        {
            if (header.Previous > before)
            {
                Gaps++;
                logger.SegmentGone(Path.Combine(root, SegmentNames.Of(header.Previous)));
            }

            before = header.Number;
        }
    }

    private void Report(string path, int damaged, int torn, int goodUntil)
    {
        LostBytes += damaged + torn;
        if (damaged > 0)
        {
            logger.SegmentDamaged(path, damaged);
        }

        if (torn > 0)
        {
            logger.TailCut(path, torn, goodUntil);
        }
    }
}
