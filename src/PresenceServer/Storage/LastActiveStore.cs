using Presence.Engine;
using Presence.Server.Storage.Journal;

namespace Presence.Server.Storage;

/// <summary>
/// Last-active times on local disk: records in memory, made durable by checkpoints. Any thread may call any member; none
/// waits for the disk.
/// </summary>
public sealed class LastActiveStore : ILastActiveStore, IAsyncDisposable
{
    private static readonly TimeSpan _stopCheckInterval = TimeSpan.FromSeconds(1);

    private readonly RecordTables _tables;
    private readonly StoreLoop _loop;
    private readonly DiskThread _disk;
    private readonly Checkpointer _checkpointer;
    private readonly ITimer _timer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private ulong _maxVersion;
    private int _disposed;

    private LastActiveStore(CheckpointDirectory directory, RecordTables tables, Recovery recovery, StoreOptions options, TimeProvider time, ILogger logger, ICheckpointedJournal? journal)
    {
        _tables = tables;
        _time = time;
        _logger = logger;
        _maxVersion = recovery.MaxVersion;
        LastWatermarkMs = recovery.WatermarkMs;
        _disk = new DiskThread(time);
        var wake = new Signal();
        _checkpointer = new Checkpointer(tables, directory, _disk, time, () => MaxVersion, wake, logger, journal);
        _checkpointer.StartFrom(recovery);
        _loop = new StoreLoop(tables, _checkpointer, wake, time, logger);
        _loop.Start();
        journal?.WhenCheckpointIsWanted(_checkpointer.Request);
        _timer = time.CreateTimer(_ => _checkpointer.Request(), null, options.CheckpointInterval, options.CheckpointInterval);
    }

    public ulong MaxVersion => Volatile.Read(ref _maxVersion);

    public long LastWatermarkMs { get; }

    public bool HasRoomForNewUsers => _loop.HasRoom && !IsBehind;

    /// <summary>The memory budget is reached.</summary>
    public bool IsFull => !_loop.HasRoom;

    /// <summary>More users wait for the store's thread than it is meant to have waiting; it catches up in a moment.</summary>
    public bool IsBehind => _loop.Waiting >= PendingWrites.Limit;

    public StoreHealth Health => new(
        Problem(),
        _loop.Records,
        _loop.MemoryBytes,
        _loop.Pending.Count,
        _loop.Pending.BeyondLimit,
        _loop.Refused,
        _checkpointer.LastMs,
        _checkpointer.Completed);

    /// <summary>Recovers what the directory and the journal hold, which takes as long as reading it does, and starts the store's threads.</summary>
    /// <exception cref="StoreDamagedException">There are checkpoints and none can be read.</exception>
    /// <exception cref="DataDirectoryException">The records do not fit in the memory budget, or the directory cannot be used.</exception>
    internal static LastActiveStore Open(
        DataDirectory directory, StoreOptions options, TimeProvider time, ILogger logger, ICheckpointedJournal? journal = null)
    {
        options.Validate();
        try
        {
            var checkpoints = new CheckpointDirectory(directory.LastActivePath);
            var retention = new RetentionRule(options.Retention, time);
            var tables = new RecordTables(options.MemoryBudget, directory.HashSeed, retention);
            return Recover(checkpoints, tables, options, time, logger, journal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException($"'{directory.LastActivePath}' cannot be used: {e.Message}", e);
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">A field does not fit what <see cref="UserRecord"/> says.</exception>
    public void Write(in UserRecord record)
    {
        PackedRecord.Validate(record);
        RaiseMaxVersion(record.Version);
        _loop.Write(record);
    }

    /// <summary>As the port says; after the store has stopped the read fails on the caller's thread.</summary>
    public void Read(StoreRead read) => _loop.Read(read);

    /// <summary>Makes durable what was written before the call.</summary>
    /// <returns>False when the disk did not take it; <see cref="Health"/> says why.</returns>
    public async Task<bool> CheckpointAsync()
    {
        // An attempt already on its way may have passed a user before the write: the next one that starts after the call is meant.
        var running = _checkpointer.NextOutcome();
        _checkpointer.Request();
        await running;
        var next = _checkpointer.NextOutcome();
        _checkpointer.Request();
        return await next;
    }

    /// <summary>Applies and makes durable what was written. Gives up, and says so, when the disk does not answer.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _timer.DisposeAsync();
        _loop.Stop();
        var stopped = await HasEnded(_loop.Stopped);
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

    private static LastActiveStore Recover(
        CheckpointDirectory checkpoints, RecordTables tables, StoreOptions options, TimeProvider time, ILogger logger, ICheckpointedJournal? journal)
    {
        try
        {
            var recovery = new Recovery(checkpoints, tables, journal, logger);
            recovery.Run();
            return new LastActiveStore(checkpoints, tables, recovery, options, time, logger, journal);
        }
        catch
        {
            tables.Dispose();
            throw;
        }
    }

    // However long a large checkpoint takes: as long as the threads get on, it is waited for.
    private async Task<bool> HasEnded(Task thread)
    {
        while (await Task.WhenAny(thread, Task.Delay(_stopCheckInterval, _time)) != thread)
        {
            if (_disk.IsStalled || _loop.IsStalled)
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

        if (_disk.IsStalled)
        {
            return $"the disk has not answered for more than {StallClock.Limit.TotalSeconds} s; nothing is made durable";
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
