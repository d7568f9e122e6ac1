using Presence.Engine;
using Presence.Server.Storage.Journal;

namespace Presence.Server.Storage;

/// <summary>
/// Last-active times on local disk: records in memory, made durable by checkpoints. Any thread may call any member; none
/// waits for the disk. What was recovered is loaded in the background: what must be known of the whole is known from the beginning, what is kept of a user once
/// <see cref="IsLoaded"/> says so.
/// </summary>
public sealed class LastActiveStore : ILastActiveStore, IAsyncDisposable
{
    private static readonly TimeSpan _stopCheckInterval = TimeSpan.FromSeconds(1);

    private readonly RecordTables _tables;
    private readonly StoreLoading _loading;
    private readonly StoreLoop _loop;
    private readonly DiskThread _disk;
    private readonly Checkpointer _checkpointer;
    private readonly ITimer _timer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private ulong _maxVersion;
    private volatile bool _isWritten;
    private int _disposed;

    private LastActiveStore(
        CheckpointDirectory directory,
        RecordTables tables,
        CheckpointSources sources,
        StoreOptions options,
        TimeProvider time,
        ILogger logger,
        ICheckpointedJournal? journal)
    {
        _tables = tables;
        _time = time;
        _logger = logger;
        _maxVersion = sources.MaxVersion;
        LastWatermarkMs = Math.Max(sources.CheckpointMs, TimeFile.Read(directory.WatermarkPath));
        _disk = new DiskThread(time);
        var wake = new Signal();
        _checkpointer = new Checkpointer(tables, directory, _disk, time, () => MaxVersion, wake, logger, journal);
        _checkpointer.StartFrom(sources.CheckpointMs);
        _loading = new StoreLoading(sources, tables, wake, time, logger);
        _loop = new StoreLoop(tables, _loading, _checkpointer, wake, time, logger);
        if (journal is not null)
        {
            JournalReplay replay = journal.Recover(sources.Newest?.Sequence ?? 0, sources.Fallback, sources.MaxVersion, record => _loop.Restore(record.User));
            _maxVersion = Math.Max(_maxVersion, replay.MaxVersion);
            LastWatermarkMs = Math.Max(LastWatermarkMs, replay.WatermarkMs);
            journal.WhenCheckpointIsWanted(_checkpointer.RequestAnyway);
        }

        _loop.Start();
        _timer = time.CreateTimer(_ => _checkpointer.Request(), null, options.CheckpointInterval, options.CheckpointInterval);
    }

    public ulong MaxVersion => Volatile.Read(ref _maxVersion);

    public long LastWatermarkMs { get; }

    /// <summary>Completes when all is loaded; fails with a <see cref="DataDirectoryException"/> when it cannot be.</summary>
    public Task Loaded => _loading.Ended;

    public int Loads => _tables.Releases;

    public bool HasRoomForNewUsers => _loop.HasRoom && !IsBehind;

    /// <summary>The memory budget is reached.</summary>
    public bool IsFull => !_loop.HasRoom;

    /// <summary>More users wait for the store's thread than it is meant to have waiting; it catches up in a moment.</summary>
    public bool IsBehind => _loop.Waiting >= PendingWrites.Limit;

    public StoreHealth Health => new(
        Problem(),
        _loading.Progress.Loaded,
        _loading.Progress.Records,
        _loading.IsComplete,
        _loop.Records,
        _loop.MemoryBytes,
        _loop.Pending.Count,
        _loop.Pending.BeyondLimit,
        _loop.Refused,
        _checkpointer.LastMs,
        _checkpointer.Completed,
        _checkpointer.LastTook);

    /// <summary>Begins to load the records, in the background, on all cores.</summary>
    public void Load() => Load(Environment.ProcessorCount, static thread => thread.Start());

    /// <summary>The same, by so many threads, each begun so.</summary>
    internal void Load(int threads, Action<Thread> begin)
    {
        _logger.LoadBegins(_loading.Progress.Records, LastWatermarkMs);
        _loading.Start(threads, begin);
    }

    /// <summary>Waits for what needs the records, as long as they come.</summary>
    public Task ForAsync(Task needing) => HasEnded(needing);

    /// <summary>As the port says.</summary>
    public bool IsLoaded(ulong userId) => _tables.IsReleased(userId);

    /// <exception cref="ArgumentOutOfRangeException">A field does not fit what <see cref="UserRecord"/> says.</exception>
    public void Write(in UserRecord record)
    {
        PackedRecord.Validate(record);
        _isWritten = true;
        RaiseMaxVersion(record.Version);
        _loop.Write(record);
    }

    /// <summary>As the port says; after the store has stopped the read fails on the caller's thread.</summary>
    public void Read(StoreRead read) => _loop.Read(read);

    /// <summary>As the port says; after the store has stopped the slice fails on the caller's thread.</summary>
    public void Walk(PresentWalk walk) => _loop.Walk(walk);

    /// <summary>Makes durable what was written before the call, once all is loaded.</summary>
    /// <returns>False when the disk did not take it; <see cref="Health"/> says why.</returns>
    public async Task<bool> CheckpointAsync()
    {
        // Not of an attempt already on its way, which may have passed a user before the write; and the next may begin in a turn that had drained what was written before the write: it finds
        // nothing to do then. The one behind it does.
        Task<bool> next = _checkpointer.NextOutcome();
        _checkpointer.Request();
        await next;
        next = _checkpointer.NextOutcome();
        _checkpointer.Request();
        return await next;
    }

    /// <summary>
    /// Applies and makes durable what was written, for which all must be loaded first. Gives up, and says so, when the disk does not answer.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _timer.DisposeAsync();
        if (!_isWritten || !_loading.HasStarted)
        {
            _loading.Abandon();
        }

        var ended = await HasEnded(_loading.Ended);
        _loop.Stop();
        var stopped = ended && await HasEnded(_loop.Stopped);
        _disk.Complete();
        if (stopped && await HasEnded(_disk.Stopped))
        {
            _loop.Dispose();
            _tables.Dispose();
            return;
        }

        _logger.StopAbandoned();
    }

    internal Task<bool> NextCheckpoint() => _checkpointer.NextOutcome();

    /// <summary>
    /// Takes over what the directory and the journal say of the whole, and all that the journal has behind the checkpoint, and starts the store's threads. Nothing
    /// can be read until <see cref="Load()"/>; what the journal has, or is written before it, wins over what is loaded when its version is higher, or the same.
    /// </summary>
    /// <exception cref="StoreDamagedException">There are checkpoints and none can be read.</exception>
    /// <exception cref="DataDirectoryException">The records do not fit in the memory budget, or the directory or the journal cannot be used.</exception>
    internal static LastActiveStore Open(
        DataDirectory directory, StoreOptions options, TimeProvider time, ILogger logger, ICheckpointDisk disk, ICheckpointedJournal? journal = null)
    {
        options.Validate();
        var checkpoints = directory.LastActivePath;
        try
        {
            return Open(new CheckpointDirectory(checkpoints), directory.HashSeed, options, time, logger, disk, journal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CheckpointDirectory.Unusable(checkpoints, e);
        }
    }

    private static LastActiveStore Open(
        CheckpointDirectory checkpoints,
        ulong hashSeed,
        StoreOptions options,
        TimeProvider time,
        ILogger logger,
        ICheckpointDisk disk,
        ICheckpointedJournal? journal)
    {
        var sources = new CheckpointSources(checkpoints, hashSeed, disk);
        RecordTables? tables = null;
        try
        {
            tables = new RecordTables(options.MemoryBudget, hashSeed, new RetentionRule(options.Retention, time));
            return sources.Records <= tables.MaxRecords
                ? new LastActiveStore(checkpoints, tables, sources, options, time, logger, journal)
                : throw sources.TooMany(tables);
        }
        catch
        {
            tables?.Dispose();
            sources.Dispose();
            throw;
        }
    }

    // However long a large checkpoint takes: as long as the threads get on, it is waited for.
    private async Task<bool> HasEnded(Task thread)
    {
        while (await Task.WhenAny(thread, Task.Delay(_stopCheckInterval, _time)) != thread)
        {
            if (_disk.IsStalled || _loop.IsStalled || _loading.IsStalled)
            {
                return false;
            }
        }

        return true;
    }

    private string? Problem()
    {
        if (_loop.Failure is { } failure)
        {
            return $"a turn of the store's thread failed: {failure}";
        }

        if (_loop.IsStalled)
        {
            return $"the store's thread has been stuck for more than {StallClock.Limit.TotalSeconds} s";
        }

        if (_disk.IsStalled || _loading.IsStalled)
        {
            return $"the disk has not answered for more than {StallClock.Limit.TotalSeconds} s; nothing is read from it or made durable";
        }

        if (_checkpointer.Failure is { } checkpoint)
        {
            return $"the last checkpoint failed: {checkpoint}";
        }

        return !IsFull ? null : "the memory budget is reached; new users are refused";
    }

    private void RaiseMaxVersion(ulong version)
    {
        var seen = Volatile.Read(ref _maxVersion);
        while (version > seen)
        {
            var before = Interlocked.CompareExchange(ref _maxVersion, version, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
