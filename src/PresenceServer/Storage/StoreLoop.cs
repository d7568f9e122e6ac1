using Presence.Engine;

namespace Presence.Server.Storage;

/// <summary>
/// The store's thread: it alone touches the tables, once they are loaded. A turn takes the waiting reads first and the waiting writes after them, so that
/// every read sees what its thread wrote before it; then it answers, and then does one slice of a walk and one of a checkpoint. Reads and walks begin one at
/// once, and so do many writes; a few wait up to 100 ms.
/// </summary>
internal sealed class StoreLoop : IDisposable
{
    // Users whose writes wait for the next look, not for a waking: a shard makes them on its way to the watchers, and to wake a thread would cost it more
    // than all else of a change. A read is somebody's question and wakes at once.
    private const int Unhurried = 1_024;

    private static readonly TimeSpan _lookEvery = TimeSpan.FromMilliseconds(100);

    private readonly PendingWrites _pending;
    private readonly ReadQueue _reads = new();
    private readonly PresentWalks _walks;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RecordTables _tables;
    private readonly StoreLoading _loading;
    private readonly Checkpointer _checkpointer;
    private readonly TableRenewal _renewal;
    private readonly Signal _wake;
    private readonly ILogger _logger;
    private readonly StallClock _clock;
    private readonly Action<UserRecord> _apply;
    private readonly Action<UserRecord> _applyEarly;
    private NewestRecords _early;
    private NewestRecords _earlier;
    private bool _isLoaded;
    private long _refused;
    private long _records;
    private long _memoryBytes;
    private string? _failure;
    private volatile bool _hasRoom;
    private volatile bool _stopping;
    private int _failedTurns;

    public StoreLoop(RecordTables tables, StoreLoading loading, Checkpointer checkpointer, Signal wake, TimeProvider time, ILogger logger)
    {
        _tables = tables;
        _loading = loading;
        _walks = new PresentWalks(tables);
        _pending = new PendingWrites(tables.Hash);
        _early = new NewestRecords(tables.Hash);
        _earlier = new NewestRecords(tables.Hash);
        _checkpointer = checkpointer;
        _renewal = new TableRenewal(tables);
        checkpointer.WhenComplete(_renewal.Consider);
        _wake = wake;
        _logger = logger;
        _clock = new StallClock(time);
        _apply = Apply;
        _applyEarly = ApplyEarly;
        Measure();
    }

    public PendingWrites Pending => _pending;

    /// <summary>Users that are waiting to be written or to be answered about.</summary>
    public int Waiting => _pending.Count + _reads.Users;

    public long Refused => Interlocked.Read(ref _refused);

    public long Records => Interlocked.Read(ref _records);

    public long MemoryBytes => Interlocked.Read(ref _memoryBytes);

    public bool HasRoom => _hasRoom;

    public bool IsStalled => _clock.IsStalled;

    /// <summary>What went wrong in a turn, ever; null when nothing did.</summary>
    public string? Failure => Volatile.Read(ref _failure);

    public Task Stopped => _stopped.Task;

    /// <summary>Takes over what the process before has written, in its order. Before <see cref="Start"/>, by who calls that.</summary>
    public void Restore(in UserRecord record) => Apply(record);

    public void Start() => new Thread(Run) { Name = "presence-store", IsBackground = true }.Start();

    public void Write(in UserRecord record)
    {
        if (_pending.Put(record) >= Unhurried)
        {
            _wake.Set();
        }
    }

    public void Read(StoreRead read)
    {
        if (_reads.TryAdd(read))
        {
            _wake.Set();
            return;
        }

        read.Failed = true;
        read.Complete();
    }

    public void Walk(PresentWalk walk)
    {
        if (_walks.TryAdd(walk))
        {
            _wake.Set();
            return;
        }

        walk.Fail();
    }

    public void Stop()
    {
        _stopping = true;
        _wake.Set();
    }

    /// <summary>To be called once it has stopped and nobody writes any more.</summary>
    public void Dispose()
    {
        _pending.Dispose();
        _early.Dispose();
        _earlier.Dispose();
    }

    private void Run()
    {
        var more = false;
        while (!_stopping)
        {
            if (!more)
            {
                _wake.Wait(_lookEvery);
            }

            _wake.Reset();
            more = Turn();
        }

        Finish();
        _stopped.SetResult();
    }

    private bool Turn()
    {
        _clock.Begin();
        var reads = _reads.Take();
        try
        {
            TakeLoaded();
            _walks.Choose();
            _pending.Drain(_apply);
            Answer(reads);
            Measure();
            return _walks.Step() | (_isLoaded && StepInBackground());
        }
        catch (Exception e)
        {
            _logger.TurnFailed(e);
            Volatile.Write(ref _failure, e.Message);
            _failedTurns++;
            FailRest(reads);
            _walks.FailChosen();
            return false;
        }
        finally
        {
            _clock.End();
        }
    }

    // A checkpoint walks places, which a renewal changes: one after the other.
    private bool StepInBackground()
    {
        if (!_renewal.IsUnderWay || _stopping)
        {
            return _checkpointer.Step();
        }

        _renewal.Step();
        return true;
    }

    // What is read from here on was asked when its table had been released: so it is ours by now, with what was written before it came.
    private void TakeLoaded()
    {
        if (_tables.TakeOver())
        {
            (_early, _earlier) = (_earlier, _early);
            _earlier.Drain(_applyEarly);
        }

        // Not before what was damaged is set aside: a checkpoint removes old ones.
        if (!_isLoaded && _loading.IsComplete)
        {
            _isLoaded = true;
            if (_loading.FellBack)
            {
                _checkpointer.MarkDirty();
            }

            Measure();
            _loading.Taken();
        }
    }

    // All that was written is applied and made durable, as far as the disk takes it; then nobody is left waiting.
    private void Finish()
    {
        TakeLoaded();
        if (_isLoaded)
        {
            _renewal.End();
            FinishCheckpoints();
        }

        FailRest(_reads.Close());
        _walks.Close();
    }

    private void FinishCheckpoints()
    {
        var failedBefore = _failedTurns;
        do
        {
            FinishOneCheckpoint(failedBefore);
        }
        while (_checkpointer.IsDirty && _checkpointer.Failure is null && _failedTurns == failedBefore);
    }

    private void FinishOneCheckpoint(int failedBefore)
    {
        if (!_checkpointer.IsRunning)
        {
            _checkpointer.Request();
        }

        do
        {
            _wake.Reset();
            if (!Turn() && _checkpointer.IsRunning && _failedTurns == failedBefore)
            {
                _wake.Wait(_lookEvery);
            }
        }
        while (_checkpointer.IsRunning && _failedTurns == failedBefore);
    }

    private void Apply(UserRecord record)
    {
        if (!_tables.IsOwned(record.UserId))
        {
            // Before the user's table is here. As many as are written so, which are those that a journal replays.
            _early.Put(record);
            return;
        }

        if (!_tables.TryWrite(record))
        {
            Interlocked.Increment(ref _refused);
        }

        _checkpointer.MarkDirty();
    }

    // The checkpoint of a clean stop says when the user was there last, under the version that the journal has from before: time does not go back.
    private void ApplyEarly(UserRecord record)
    {
        UserRecord kept = _tables.IsOwned(record.UserId) ? _tables.Read(record.UserId) : default;
        Apply(record.Version != kept.Version ? record : record with
        {
            LastActiveMs = Math.Max(record.LastActiveMs, kept.LastActiveMs),
            TrueLastActiveMs = Math.Max(record.TrueLastActiveMs, kept.TrueLastActiveMs),
        });
    }

    private void Answer(Queue<StoreRead> reads)
    {
        while (reads.TryPeek(out StoreRead? read))
        {
            Fill(read);
            reads.Dequeue();
            _reads.Complete(read);
        }
    }

    private void Fill(StoreRead read)
    {
        for (int i = 0; i < read.UserIds.Length && !read.Failed; i++)
        {
            read.Failed = !_tables.IsOwned(read.UserIds[i]);
            read.Records[i] = read.Failed ? default : _tables.Read(read.UserIds[i]);
        }
    }

    private void FailRest(Queue<StoreRead> reads)
    {
        while (reads.TryDequeue(out var read))
        {
            read.Failed = true;
            _reads.Complete(read);
        }
    }

    private void Measure()
    {
        Interlocked.Exchange(ref _records, _tables.Count);
        Interlocked.Exchange(ref _memoryBytes, _tables.MemoryBytes);
        var hasRoom = _tables.HasRoom;
        if (_hasRoom && !hasRoom)
        {
            _logger.Full(_memoryBytes);
        }

        _hasRoom = hasRoom;
    }
}
