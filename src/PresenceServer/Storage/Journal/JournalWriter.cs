using Presence.Engine;

namespace Presence.Server.Storage.Journal;

/// <summary>
/// Puts batches on disk, segment after segment. After any error the segment is given up: whoever calls again with the same batches has them written
/// into a fresh one. For one thread.
/// </summary>
internal sealed class JournalWriter(IJournalFiles files, Segments segments, JournalOptions options, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>What is left for logs, and for whoever comes to free some.</summary>
    public const long ReserveBytes = 8 << 20;

    // On a disk that fills up segments become smaller, so that the last of its room is used too.
    private const int PartOfFree = 4;

    // As often a segment is looked for: whose directory was deleted goes on taking writes that nobody will find.
    private static readonly TimeSpan _lookInterval = TimeSpan.FromSeconds(1);

    private readonly RetentionClock _retention = new(time);
    private SegmentWriter? _segment;
    private ulong _number;
    private long _lookedAt;
    private ulong _checkpoint;
    private ulong _oldestKept;
    private ulong _trimmedTo;
    private bool _beginsWithHole;

    /// <summary>Of the segment being written; empty when there is none.</summary>
    public string Segment => _segment?.Name ?? "";

    /// <summary>A limit of the retention is exceeded because no checkpoint holds what would go.</summary>
    public bool AwaitsCheckpoint => segments.AwaitsCheckpoint;

    /// <summary>A checkpoint of this number begins, or was loaded. Any thread, before it takes its first record.</summary>
    public void CheckpointBegins(ulong number) => Volatile.Write(ref _checkpoint, number);

    /// <summary>The oldest checkpoint that recovery may start from. Any thread.</summary>
    public void KeepSince(ulong checkpoint) => Volatile.Write(ref _oldestKept, checkpoint);

    /// <summary>What is on disk for certain.</summary>
    public JournalExtent Extent => new(segments.All, _segment?.Header.Number ?? 0, _segment?.Durable ?? 0);

    /// <summary>Earlier processes decided what their journal does not hold: who reads it in order is to be told. Before anything is written.</summary>
    public void BeginWithHole() => _beginsWithHole = true;

    /// <summary>All of the batches is durable when this returns.</summary>
    /// <exception cref="IOException">It may or may not be: keep them and call again.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public void Write(IEnumerable<LaneBatch> batches)
    {
        if (Volatile.Read(ref _oldestKept) != _trimmedTo)
        {
            Trim();
        }

        try
        {
            LookForSegment();
            if (_beginsWithHole)
            {
                WriteHole(shard: 0);
            }

            foreach (LaneBatch batch in batches)
            {
                Write(batch);
            }

            if (_segment is { IsDurable: false })
            {
                _segment.Sync();
            }

            _beginsWithHole = false;
        }
        catch
        {
            GiveUp();
            throw;
        }
    }

    /// <summary>Ends the segment; what is written next begins another.</summary>
    public void End()
    {
        if (_segment is null)
        {
            return;
        }

        _segment.End();
        segments.Resize(_segment.Length);
        _segment.Dispose();
        _segment = null;
    }

    public void Dispose() => _segment?.Dispose();

    private void Write(LaneBatch batch)
    {
        foreach (JournalBlock block in batch.Blocks)
        {
            Append(block, batch.Shard);
        }

        WriteLate(batch);
        if (batch.HasHole)
        {
            WriteHole(batch.Shard);
        }
    }

    private void WriteHole(int shard)
    {
        var block = new JournalBlock();
        block.AddHole();
        Append(block, shard);
    }

    private void WriteLate(LaneBatch batch)
    {
        if (batch.Late.Count == 0)
        {
            return;
        }

        var block = new JournalBlock();
        foreach (ref readonly UserRecord user in batch.Late.Records)
        {
            block.AddCoalesced(user, batch.LateTold.Contains(user.UserId));
            if (!block.HasRoom)
            {
                Append(block, batch.Shard);
                block = new JournalBlock();
            }
        }

        Append(block, batch.Shard);
    }

    private void Append(JournalBlock block, int shard)
    {
        if (block.IsEmpty)
        {
            return;
        }

        if (_segment is { } segment && (!segment.HasRoomFor(block.Bytes.Length) || IsOld(segment)))
        {
            End();
        }

        _segment ??= Begin();
        _segment.Append(block.Bytes, shard);
    }

    // Of one that was begun while the wall clock was ahead the age cannot be told.
    private bool IsOld(SegmentWriter segment) => Math.Abs(NowMs() - segment.Header.BegunMs) >= options.SegmentAge.TotalMilliseconds;

    private SegmentWriter Begin()
    {
        Trim();
        long free = files.FreeBytes;
        long room = Math.Min(options.SegmentBytes, free / PartOfFree);
        if (free < ReserveBytes + room)
        {
            throw new IOException($"the journal's disk has {free:N0} bytes free, and {ReserveBytes:N0} are left alone; free some space");
        }

        // Never the same number twice: a segment that could not be begun may still be there.
        _number = Math.Max(_number + 1, segments.NextNumber);
        SegmentWriter begun = SegmentWriter.Begin(files, new SegmentHeader(_number, NowMs(), Volatile.Read(ref _checkpoint), segments.NewestNumber), room);
        segments.Add(begun.Header, room);
        _lookedAt = time.GetTimestamp();
        return begun;
    }

    private void Trim()
    {
        _trimmedTo = Volatile.Read(ref _oldestKept);
        try
        {
            segments.Trim(_retention.NowMs, options.SegmentBytes, _trimmedTo);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.TrimFailed(e);
        }
    }

    private void LookForSegment()
    {
        if (_segment is null || time.GetElapsedTime(_lookedAt) < _lookInterval)
        {
            return;
        }

        _lookedAt = time.GetTimestamp();
        if (!files.Exists(_segment.Name))
        {
            throw new IOException($"segment {_segment.Name} was removed while it was written");
        }
    }

    private void GiveUp()
    {
        if (_segment is not { } segment)
        {
            return;
        }

        _segment = null;
        segment.Abandon();
        if (segment.Durable > 0)
        {
            segments.Resize(segment.Durable);
        }
        else
        {
            segments.DropNewest();
        }
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
