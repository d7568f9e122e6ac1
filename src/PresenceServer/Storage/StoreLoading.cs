using System.Runtime.InteropServices;

namespace Presence.Server.Storage;

/// <summary>
/// Brings the records of the newest checkpoint into the tables while the node serves. A table is filled by one thread, which then hands it to the store's: until
/// then nothing can be said of its users. As many threads as cores, each content with what shards and I/O leave of them; a table and its index are small
/// enough that its look-ups mostly meet the cache, and what a record costs is mostly waiting for memory.
/// </summary>
internal sealed partial class StoreLoading
{
    // A thread of this niceness has a tenth of the time of one that serves clients and wants the same core.
    private const int Nice = 10;
    private const int PriorityOfProcess = 0;

    private readonly CheckpointSources _sources;
    private readonly RecordTables _tables;
    private readonly LoadProgress _progress;
    private readonly Signal _wake;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _nextTable;
    private int _lanes;
    private Exception? _failure;
    private volatile bool _isComplete;

    /// <param name="sources">What is loaded; disposed of when it has ended.</param>
    /// <param name="tables">Where to.</param>
    /// <param name="wake">Wakes the store's thread: a table is its own, or all are.</param>
    /// <param name="time">For noticing a disk that does not answer.</param>
    /// <param name="logger">Hears how it went.</param>
    public StoreLoading(CheckpointSources sources, RecordTables tables, Signal wake, TimeProvider time, ILogger logger)
    {
        (_sources, _tables, _wake, _logger) = (sources, tables, wake, logger);
        _progress = new LoadProgress(sources.Records, time);
        if (sources.Newest is not null)
        {
            tables.Withhold(sources.Records);
        }
    }

    public LoadProgress Progress => _progress;

    public bool HasStarted { get; private set; }

    /// <summary>All is loaded, and what was damaged has been set aside; the store's thread takes note by <see cref="Taken"/>.</summary>
    public bool IsComplete => _isComplete;

    /// <summary>To be read when it <see cref="IsComplete"/>: a damaged checkpoint was met.</summary>
    public bool FellBack => _sources.FellBack;

    /// <summary>Nothing has come for so long that the disk counts as stuck.</summary>
    public bool IsStalled => HasStarted && !_ended.Task.IsCompleted && _progress.IsStalled;

    /// <summary>
    /// Completes when all is loaded and <see cref="Taken"/>; is cancelled when it was abandoned; fails with a <see cref="DataDirectoryException"/> when the records
    /// cannot be had or do not fit.
    /// </summary>
    public Task Ended => _ended.Task;

    /// <param name="threads">How many share it.</param>
    /// <param name="begin">Starts one.</param>
    public void Start(int threads, Action<Thread> begin)
    {
        HasStarted = true;
        if (_sources.Newest is null)
        {
            End();
            return;
        }

        // The first may be through before the last begins, which ends it all the same.
        int lanes = Math.Clamp(threads, 1, _tables.TableCount);
        _lanes = lanes;
        _progress.Begin();
        for (int lane = 0; lane < lanes; lane++)
        {
            var thread = new Thread(Run) { Name = $"presence-load-{lane}", IsBackground = true };
            begin(thread);
        }
    }

    /// <summary>Nobody wants it any more. By who starts it.</summary>
    public void Abandon()
    {
        _progress.Abandon();
        if (!HasStarted)
        {
            Start(threads: 1, static thread => thread.Start());
        }
    }

    /// <summary>By the store's thread: all is its own.</summary>
    public void Taken() => _ended.TrySetResult();

    private void Run()
    {
        if (OperatingSystem.IsLinux())
        {
            // 0 is this thread alone, here. Refused, it is loaded all the same.
            _ = SetPriority(PriorityOfProcess, 0, Nice);
        }

        try
        {
            var buffer = new byte[CheckpointFormat.MaxBlockBytes];
            while (Interlocked.Increment(ref _nextTable) - 1 is var table && table < _tables.TableCount && LoadTable(table, buffer))
            {
            }
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _failure, e is IOException or UnauthorizedAccessException ? _sources.Unusable(e) : e, null);
            _progress.Abandon();
        }

        if (Interlocked.Decrement(ref _lanes) == 0)
        {
            End();
        }
    }

    private bool LoadTable(int table, byte[] buffer)
    {
        bool loaded = new TableLoad(_sources, _tables, table, buffer, _progress).Run();
        if (loaded)
        {
            _tables.Release(table);
            _wake.Set();
        }

        return loaded;
    }

    // By the last of the threads, or by who starts it when there is nothing to load.
    private void End()
    {
        try
        {
            Finish();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _ended.SetException(_sources.Unusable(e));
        }

        _sources.Dispose();
        _wake.Set();
    }

    private void Finish()
    {
        if (_failure is not null)
        {
            _ended.SetException(_failure);
        }
        else if (_progress.IsAbandoned)
        {
            _ended.SetCanceled();
        }
        else
        {
            _sources.SetAside(_logger);
            _logger.Recovered(_tables.Count, _sources.CheckpointMs);
            _isComplete = true;
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int nice);
}
