namespace Presence.Server.Storage;

/// <summary>
/// Decides when a checkpoint is written and what became of it. Lives on the store's thread, except where a member says otherwise.
/// After a failure the store stays dirty and the next interval tries again.
/// </summary>
internal sealed class Checkpointer(
    RecordTables tables, CheckpointDirectory directory, DiskThread disk, TimeProvider time, Func<ulong> maxVersion, Signal wake, ILogger logger)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource<bool> _next = NewOutcome();
    private ulong _sequence = directory.NextSequence();
    private CheckpointRun? _run;
    private CheckpointHeader? _header;
    private string? _failure;
    private long _completed;
    private long _lastMs = -1;
    private bool _dirty;
    private volatile bool _due;

    /// <summary>Any thread. Why the last attempt failed; null when it did not.</summary>
    public string? Failure => Volatile.Read(ref _failure);

    /// <summary>Any thread. Checkpoints completed by this process.</summary>
    public long Completed => Interlocked.Read(ref _completed);

    /// <summary>Any thread. Unix milliseconds of the newest checkpoint, −1 when there is none.</summary>
    public long LastMs => Interlocked.Read(ref _lastMs);

    public bool IsRunning => _run is not null;

    public bool IsDirty => _dirty;

    /// <summary>Before it starts. Unix milliseconds of the checkpoint that is on disk, −1 when there is none.</summary>
    public void StartFrom(long checkpointMs) => _lastMs = checkpointMs;

    public void MarkDirty() => _dirty = true;

    /// <summary>Any thread. A checkpoint is due now.</summary>
    public void Request()
    {
        _due = true;
        wake.Set();
    }

    /// <summary>Any thread. The outcome of the next attempt that ends: true when all it saw is durable.</summary>
    public Task<bool> NextOutcome()
    {
        lock (_gate)
        {
            return _next.Task;
        }
    }

    /// <summary>One slice of work. True when there is more to do at once.</summary>
    public bool Step()
    {
        if (_run is { HasEnded: true })
        {
            Finish(_run.Failure);
        }

        if (_run is null && _due)
        {
            Start();
        }

        return _run is not null && _run.Step(End);
    }

    private void Start()
    {
        _due = false;
        if (!_dirty)
        {
            WriteWatermark();
            return;
        }

        _dirty = false;
        var sequence = _sequence++;
        var bytes = tables.Count * (CheckpointFormat.EntryBytes + 1);
        _run = new CheckpointRun(tables, disk, () => Open(sequence, bytes), wake.Set);
    }

    private CheckpointFile Open(ulong sequence, long bytes)
    {
        directory.RemoveOld();
        FreeSpaceGuard.Check(directory.Root, bytes);
        return new CheckpointFile(directory.PathOf(sequence), sequence, tables.TableCount);
    }

    private CheckpointHeader End(IReadOnlyList<long> sections) => _header = new CheckpointHeader(maxVersion(), NowMs(), tables.Hash.Seed, sections);

    private void Finish(Exception? failure)
    {
        _run = null;
        if (failure is null)
        {
            Interlocked.Exchange(ref _lastMs, _header!.WatermarkMs);
            Interlocked.Increment(ref _completed);
            logger.CheckpointCompleted(_header.Records);
        }
        else
        {
            _dirty = true;
        }

        Report(failure);
    }

    private void WriteWatermark()
    {
        var now = NowMs();
        disk.Post(() =>
        {
            try
            {
                WatermarkFile.Write(directory.WatermarkPath, now);
                Report(null);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Report(e);
            }
        });
    }

    private void Report(Exception? failure)
    {
        if (failure is not null)
        {
            logger.CheckpointFailed(failure);
        }

        Volatile.Write(ref _failure, failure?.Message);
        TaskCompletionSource<bool> ended;
        lock (_gate)
        {
            ended = _next;
            _next = NewOutcome();
        }

        ended.SetResult(failure is null);
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static TaskCompletionSource<bool> NewOutcome() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
