using Presence.Engine;

namespace Presence.Server.Storage.Journal;

/// <summary>The journal on local disk. One thread writes and waits for the disk; no caller of any member does.</summary>
public sealed class DiskJournal : IJournal, ICheckpointedJournal, IAsyncDisposable
{
    private static readonly TimeSpan _stopCheckInterval = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Signal _wake = new();
    private readonly Signal _stop = new();
    private readonly StallClock _clock;
    private readonly JournalWriter _writer;
    private readonly CommitLoop _loop;
    private readonly Checkpoints _checkpoints;
    private readonly JournalReplay _replay;
    private readonly JournalTail _tail = new();
    private readonly IJournalFiles _files;
    private readonly UserHash _hash;
    private readonly TimeProvider _time;
    private readonly TimeSpan _commitInterval;
    private readonly ILogger _logger;
    private volatile bool _stopping;
    private int _disposed;

    private DiskJournal(IJournalFiles files, Segments segments, JournalReplay replay, JournalOptions options, UserHash hash, TimeProvider time, ILogger logger)
    {
        (_files, _replay, _hash, _time, _logger) = (files, replay, hash, time, logger);
        _commitInterval = options.CommitInterval;
        _clock = new StallClock(time);
        _writer = new JournalWriter(files, segments, options, time, logger);
        _loop = new CommitLoop(_writer, time, logger, () => _tail.Publish(_writer.Extent));
        _checkpoints = new Checkpoints(_writer, _loop);
        new Thread(Run) { Name = "presence-journal", IsBackground = true }.Start();
    }

    public JournalHealth Health => new(Problem(), _loop.Commits, _loop.Failures, _loop.Coalesced, _loop.LeftOut, _loop.Late);

    /// <summary>How long its commits take.</summary>
    public LatencyHistogram CommitTimes => _loop.Times;

    /// <summary>Finds what the directory holds; nothing is read of it but the heads of segments.</summary>
    /// <exception cref="DataDirectoryException">A segment has a format that this server does not know, or the directory cannot be used.</exception>
    public static DiskJournal Open(DataDirectory directory, JournalOptions options, TimeProvider time, ILogger logger)
    {
        options.Validate();
        string root = directory.JournalPath;
        try
        {
            return Open(new JournalFiles(root), root, options, new UserHash(directory.HashSeed), time, logger);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException($"'{root}' cannot be used: {e.Message}", e);
        }
    }

    internal static DiskJournal Open(IJournalFiles files, string root, JournalOptions options, UserHash hash, TimeProvider time, ILogger logger)
    {
        Segments segments = SegmentCatalogue.Read(files, options, root);
        return new DiskJournal(files, segments, new JournalReplay(files, segments, root, logger), options, hash, time, logger);
    }

    public IJournalLane Open(int shard)
    {
        var lane = new JournalLane(shard, _hash, _wake, LaneLimits.Default);
        _loop.Add(lane, new LaneBatch(shard, _hash));
        return lane;
    }

    /// <summary>How far it is durable.</summary>
    internal JournalTail Tail => _tail;

    /// <summary>Reads it in order while it is written.</summary>
    internal JournalReader ReadFrom(in JournalPosition position) => new(_tail, _files, position);

    /// <summary>Reads what it has of one user.</summary>
    internal JournalHistory History => new(_tail, _files);

    JournalReplay ICheckpointedJournal.Recover(ulong newest, ulong fallback, ulong maxVersion, Action<JournalRecord> apply)
    {
        _replay.Run(fallback, apply);
        if (_replay.LostBytes > 0 || _replay.MaxVersion < maxVersion)
        {
            _writer.BeginWithHole();
        }

        _tail.Publish(_writer.Extent);
        _checkpoints.StartFrom(newest);
        return _replay;
    }

    void ICheckpointedJournal.CheckpointBegins(ulong number) => _checkpoints.Begin(number);

    void ICheckpointedJournal.CheckpointEnds(ulong number, ulong oldestKept) => _checkpoints.End(number, oldestKept);

    void ICheckpointedJournal.WhenCheckpointIsWanted(Action request) => _checkpoints.Request = request;

    /// <summary>Makes durable what was appended. Gives up, and says so, when the disk does not answer.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _stopping = true;
        _stop.Set();
        _wake.Set();
        while (await Task.WhenAny(_stopped.Task, Task.Delay(_stopCheckInterval, _time)) != _stopped.Task)
        {
            if (_clock.IsStalled)
            {
                _logger.JournalStopAbandoned();
                return;
            }
        }

        _loop.Dispose();
        _writer.Dispose();
    }

    private void Run()
    {
        TimeSpan idle = Timeout.InfiniteTimeSpan;
        while (!_stopping)
        {
            _wake.Wait(idle);
            _wake.Reset();
            idle = Turn();
            _stop.Wait(_commitInterval);
        }

        while (Turn() == TimeSpan.Zero)
        {
        }

        _loop.RefuseWaiting();
        End();
        _stopped.SetResult();
    }

    private TimeSpan Turn()
    {
        _clock.Begin();
        TimeSpan idle = _loop.Turn();
        _clock.End();
        _tail.Publish(_writer.Extent);
        _checkpoints.RequestIfWanted();
        return idle;
    }

    private void End()
    {
        try
        {
            _writer.End();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _logger.WriteFailed(e);
        }
    }

    private string? Problem()
    {
        if (_loop.Failure is { } failure)
        {
            return $"it cannot be written: {failure}; statuses are not acknowledged. Tried again every {CommitLoop.RetryInterval.TotalSeconds} s";
        }

        if (_clock.IsStalled)
        {
            return $"the disk has not answered for more than {StallClock.Limit.TotalSeconds} s; statuses are not acknowledged";
        }

        if (_loop.IsLossy)
        {
            return $"{_loop.LeftOut} changes were left out because the disk is behind; statuses are not acknowledged until a checkpoint holds them";
        }

        return _loop.Late is > 0 and var late ? $"the disk is behind: of {late} users only the newest change is kept" : null;
    }
}
