using Presence.Server.Storage.Journal;

namespace Presence.Server.Storage;

/// <summary>
/// Decides when a checkpoint is written and what became of it. Lives on the store's thread, except where a member says otherwise.
/// After a failure the store stays dirty and the next interval tries again.
/// </summary>
internal sealed class Checkpointer(
    RecordTables tables, CheckpointDirectory directory, DiskThread disk, TimeProvider time, Func<ulong> maxVersion, Signal wake, ILogger logger,
    ICheckpointedJournal? journal = null)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource<bool> _next = NewOutcome();
    private ulong _sequence = directory.NextSequence();
    private CheckpointRun? _run;

    // Of the attempt that is under way.
    private TaskCompletionSource<bool>? _outcome;
    private CheckpointHeader? _header;
    private Action<IReadOnlyList<long>>? _whenComplete;
    private string? _failure;
    private long _completed;
    private long _lastMs = -1;
    private long _begun;
    private long _lastTook;
    private ulong _announced;
    private ulong _written;
    private ulong _fallback;
    private bool _dirty;
    private volatile bool _due;
    private volatile bool _wanted;

    /// <summary>Any thread. Why the last attempt failed; null when it did not.</summary>
    public string? Failure => Volatile.Read(ref _failure);

    /// <summary>Any thread. Checkpoints completed by this process.</summary>
    public long Completed => Interlocked.Read(ref _completed);

    /// <summary>Any thread. Unix milliseconds of the newest checkpoint, −1 when there is none.</summary>
    public long LastMs => Interlocked.Read(ref _lastMs);

    /// <summary>Any thread. How long the newest of this process took; none when there is none.</summary>
    public TimeSpan LastTook => time.GetElapsedTime(0, Interlocked.Read(ref _lastTook));

    public bool IsRunning => _run is not null || _announced != 0;

    public bool IsDirty => _dirty;

    /// <summary>Before it starts. Unix milliseconds of the checkpoint that is on disk, −1 when there is none.</summary>
    public void StartFrom(long checkpointMs) => _lastMs = checkpointMs;

    /// <summary>What to tell when one is complete: how many records of each table are in it.</summary>
    public void WhenComplete(Action<IReadOnlyList<long>> tell) => _whenComplete = tell;

    public void MarkDirty() => _dirty = true;

    /// <summary>Any thread. A checkpoint is due now.</summary>
    public void Request()
    {
        _due = true;
        wake.Set();
    }

    /// <summary>Any thread. The same though nothing may have changed: the journal cannot let go of what only an older checkpoint holds.</summary>
    public void RequestAnyway()
    {
        _wanted = true;
        Request();
    }

    /// <summary>Any thread. The outcome of the next attempt that begins: true when all that was written before is durable.</summary>
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

        if (_run is null && _announced != 0)
        {
            Start();
        }
        else if (_run is null && _due && Begin())
        {
            return true;
        }

        return _run is not null && _run.Step(End);
    }

    // The journal is told one turn ahead: what it had been given before is then in the tables when the walk begins.
    private bool Begin()
    {
        _due = false;
        TaskCompletionSource<bool> outcome = TakeOutcome();
        if (!_dirty && !_wanted)
        {
            WriteWatermark(outcome);
            return false;
        }

        _outcome = outcome;

        _announced = _sequence++;
        journal?.CheckpointBegins(_announced);
        return true;
    }

    private void Start()
    {
        _dirty = _wanted = false;
        _begun = time.GetTimestamp();
        var sequence = _written = _announced;
        _announced = 0;
        var bytes = tables.Count * (CheckpointFormat.EntryBytes + 1);
        _run = new CheckpointRun(tables, disk, () => Open(sequence, bytes), wake.Set);
    }

    private CheckpointFile Open(ulong sequence, long bytes)
    {
        directory.RemoveOld();
        _fallback = directory.Checkpoints().FirstOrDefault(sequence);
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
            Interlocked.Exchange(ref _lastTook, time.GetTimestamp() - _begun);
            Interlocked.Increment(ref _completed);
            logger.CheckpointCompleted(_header.Records);
            journal?.CheckpointEnds(_written, _fallback);
            _whenComplete?.Invoke(_header.Sections);
        }
        else
        {
            _dirty = true;
        }

        Report(failure, _outcome!);
    }

    private void WriteWatermark(TaskCompletionSource<bool> outcome)
    {
        var now = NowMs();
        disk.Post(() =>
        {
            try
            {
                TimeFile.Write(directory.WatermarkPath, now);
                Report(null, outcome);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Report(e, outcome);
            }
        });
    }

    private TaskCompletionSource<bool> TakeOutcome()
    {
        lock (_gate)
        {
            TaskCompletionSource<bool> taken = _next;
            _next = NewOutcome();
            return taken;
        }
    }

    private void Report(Exception? failure, TaskCompletionSource<bool> outcome)
    {
        if (failure is not null)
        {
            logger.CheckpointFailed(failure);
        }

        Volatile.Write(ref _failure, failure?.Message);
        outcome.SetResult(failure is null);
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static TaskCompletionSource<bool> NewOutcome() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
