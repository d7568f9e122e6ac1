using Presence.Engine;

namespace Presence.Server.Storage.Journal;

/// <summary>
/// The journal's work, one commit after the other: takes what all lanes have, makes it durable in one go and tells who waits. What could not be
/// written is kept and written again into a fresh segment, once a second; meanwhile whoever asks is told at once that it is not durable.
/// </summary>
/// <param name="written">Called when something is durable, before those are told who wait for it. Does not throw.</param>
internal sealed class CommitLoop(JournalWriter writer, TimeProvider time, ILogger logger, Action? written = null) : IDisposable
{
    public static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private Lane[] _lanes = [];
    private long _failedAt;
    private string? _failure;
    private long _commits;
    private long _failures;
    private long _leftOutCovered;
    private bool _toldOfLeftOut;

    /// <summary>Why nothing can be written at present; null when it can. Any thread.</summary>
    public string? Failure => Volatile.Read(ref _failure);

    /// <summary>What a commit takes, with the sync; of those that succeeded.</summary>
    public LatencyHistogram Times { get; } = new();

    public long Commits => Interlocked.Read(ref _commits);

    public long Failures => Interlocked.Read(ref _failures);

    public long LeftOut => Lanes.Sum(static lane => lane.Of.LeftOut);

    public long Coalesced => Lanes.Sum(static lane => lane.Of.Coalesced);

    public int Late => Lanes.Sum(static lane => lane.Of.Late);

    /// <summary>Changes are missing in the journal, and in every checkpoint: none is acknowledged. Any thread.</summary>
    public bool IsLossy => LeftOut > Interlocked.Read(ref _leftOutCovered);

    private Lane[] Lanes => Volatile.Read(ref _lanes);

    /// <summary>Before the thread takes from it. Not by two threads at a time.</summary>
    public void Add(JournalLane lane, LaneBatch empty) => Volatile.Write(ref _lanes, [.. _lanes, new Lane(lane, empty)]);

    /// <summary>A checkpoint holds what had been left out up to then.</summary>
    public void Cover(long leftOut) => Interlocked.Exchange(ref _leftOutCovered, Math.Max(leftOut, Interlocked.Read(ref _leftOutCovered)));

    /// <summary>One commit. The journal's thread.</summary>
    /// <returns>How long there is nothing to do unless woken.</returns>
    public TimeSpan Turn()
    {
        if (Failure is not null && time.GetElapsedTime(_failedAt) is var since && since < RetryInterval)
        {
            RefuseWaiting();
            return RetryInterval - since;
        }

        foreach (Lane lane in Lanes)
        {
            lane.Take();
        }

        long begun = time.GetTimestamp();
        try
        {
            writer.Write(Lanes.Select(static lane => lane.Batch));
        }
        catch (Exception e)
        {
            // Whatever it is: presence goes on, and the next attempt begins from what is kept.
            Fail(e);
            return RetryInterval;
        }

        Times.Add((long)time.GetElapsedTime(begun).TotalMicroseconds);
        written?.Invoke();
        return Succeed();
    }

    /// <summary>Nothing more will be written: whoever waits is told.</summary>
    public void RefuseWaiting()
    {
        foreach (Lane lane in Lanes)
        {
            Complete(lane.Of.TakeCommit(), failed: true);
        }
    }

    public void Dispose()
    {
        foreach (Lane lane in Lanes)
        {
            lane.Batch.Dispose();
            lane.Of.Dispose();
        }
    }

    private TimeSpan Succeed()
    {
        bool isLossy = IsLossy;
        Tell(isLossy);
        foreach (Lane lane in Lanes)
        {
            lane.Complete(failed: isLossy);
            lane.Of.Recycle(lane.Batch);
        }

        Interlocked.Increment(ref _commits);
        if (Failure is null)
        {
            return Timeout.InfiniteTimeSpan;
        }

        // The lanes have filled meanwhile, and did not say so.
        logger.WritesAgain(writer.Segment);
        Volatile.Write(ref _failure, null);
        return TimeSpan.Zero;
    }

    private void Fail(Exception failure)
    {
        Interlocked.Increment(ref _failures);
        if (Failure is null)
        {
            logger.WriteFailed(failure);
        }

        Volatile.Write(ref _failure, failure.Message);
        _failedAt = time.GetTimestamp();
        foreach (Lane lane in Lanes)
        {
            lane.Complete(failed: true);
        }

        RefuseWaiting();
    }

    private void Tell(bool isLossy)
    {
        if (isLossy && !_toldOfLeftOut)
        {
            logger.LeftOut();
        }

        _toldOfLeftOut = isLossy;
    }

    private static void Complete(JournalCommit? commit, bool failed)
    {
        if (commit is not null)
        {
            commit.Failed = failed;
            commit.Complete();
        }
    }

    /// <summary>A lane with the batch that was taken from it last.</summary>
    private sealed class Lane(JournalLane lane, LaneBatch batch)
    {
        public JournalLane Of => lane;

        public LaneBatch Batch { get; private set; } = batch;

        // What could not be written yet goes first; what comes after it waits where its amount is bounded.
        public void Take()
        {
            if (Batch.IsEmpty)
            {
                Batch = lane.Take(Batch);
            }
        }

        public void Complete(bool failed)
        {
            JournalCommit? commit = Batch.Commit;
            Batch.Commit = null;
            CommitLoop.Complete(commit, failed);
        }
    }
}
