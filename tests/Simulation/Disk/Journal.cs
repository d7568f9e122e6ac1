using Microsoft.Extensions.Logging.Abstractions;
using Presence.Engine;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;

namespace Presence.Simulation;

/// <summary>
/// The journal of one process: the server's own code over files that are made up, and its thread, which turns when it is woken, at most every 5 ms, and stands
/// still while it waits for the disk.
/// </summary>
internal sealed class Journal : IJournal
{
    private const ulong HashSeed = 7;
    private const long CommitEveryMs = 5;
    private const long WakeMs = 2;
    private const long AgainMs = 50;

    private readonly World _world;
    private readonly Node _node;
    private readonly Chance _chance;
    private readonly UserHash _hash = new(HashSeed);
    private readonly JournalFiles _files;
    private readonly JournalWriter _writer;
    private readonly CommitLoop _loop;
    private readonly JournalReplay _replay;
    private readonly Checkpoints _checkpoints;
    private long _dueMs = long.MaxValue;
    private long _notBeforeMs;
    private bool _isTurning;
    private bool _isDead;

    public Journal(World world, Node node, Chance chance)
    {
        (_world, _node, _chance) = (world, node, chance);
        _files = new JournalFiles(world, node, chance.Of(1));
        var options = new JournalOptions { MaxBytes = JournalOptions.MinMaxBytes, Retention = TimeSpan.FromMilliseconds(world.Plan.Settings.RetentionMs) };
        Segments segments = SegmentCatalogue.Read(_files, options, "");
        var time = new MachineTime(world.Agenda, world.Wall);
        _writer = new JournalWriter(_files, segments, options, time, NullLogger.Instance);
        _loop = new CommitLoop(_writer, time, NullLogger.Instance);
        _replay = new JournalReplay(_files, segments, "", NullLogger.Instance);
        _checkpoints = new Checkpoints(_writer, _loop);
    }

    /// <summary>Its thread does not wait for the disk.</summary>
    public bool IsAtRest => !_isTurning;

    public IJournalLane Open(int shard)
    {
        var lane = new JournalLane(shard, _hash, new Signal(), LaneLimits.Default);
        _loop.Add(lane, new LaneBatch(shard, _hash));
        return new Lane(this, lane);
    }

    /// <summary>Hands over what earlier processes left behind a checkpoint; as the server's store does at its start.</summary>
    public JournalReplay Recover(ulong newest, ulong fallback, Action<UserRecord> apply)
    {
        _replay.Run(fallback, record => apply(record.User));
        _checkpoints.StartFrom(newest);
        return _replay;
    }

    public void CheckpointBegins(ulong number) => _checkpoints.Begin(number);

    public void CheckpointEnds(ulong number, ulong oldestKept) => _checkpoints.End(number, oldestKept);

    public void WhenCheckpointIsWanted(Action request) => _checkpoints.Request = request;

    /// <summary>The process stops in order: what was appended goes to the disk, if that takes it. To be called at rest.</summary>
    public void Close()
    {
        _files.IsClosing = true;
        while (_loop.Turn() == TimeSpan.Zero)
        {
        }

        _loop.RefuseWaiting();
        try
        {
            _writer.End();
        }
        catch (IOException)
        {
            // As after a kill.
        }
    }

    /// <summary>The process is gone.</summary>
    public void Die()
    {
        _isDead = true;
        _files.Die();
        if (!_isTurning)
        {
            Free();
        }
    }

    private void Free()
    {
        _loop.Dispose();
        _writer.Dispose();
    }

    private void Wake() => TurnBy(Math.Max(_world.Agenda.Now + _chance.Between(0, WakeMs), _notBeforeMs));

    private void TurnBy(long ms)
    {
        if (ms < _dueMs)
        {
            _dueMs = ms;
            _world.Agenda.At(ms, () => TurnAt(ms));
        }
    }

    private void TurnAt(long ms)
    {
        // An earlier turn has taken its place, or it will look again when it is back from the disk.
        if (ms != _dueMs || _isDead || _isTurning)
        {
            return;
        }

        _dueMs = long.MaxValue;
        if (_node.IsPaused)
        {
            TurnBy(ms + AgainMs);
            return;
        }

        _isTurning = true;
        TimeSpan idle = _loop.Turn();
        _isTurning = false;
        if (_isDead)
        {
            Free();
            return;
        }

        _checkpoints.RequestIfWanted();
        Rest(idle);
    }

    private void Rest(TimeSpan idle)
    {
        _notBeforeMs = _world.Agenda.Now + CommitEveryMs;
        bool wasWoken = _dueMs != long.MaxValue;
        _dueMs = long.MaxValue;
        if (wasWoken || idle == TimeSpan.Zero)
        {
            TurnBy(_notBeforeMs);
        }
        else if (idle != Timeout.InfiniteTimeSpan)
        {
            TurnBy(_world.Agenda.Now + Math.Max(CommitEveryMs, (long)idle.TotalMilliseconds));
        }
    }

    /// <summary>Wakes the journal's thread as the server's lane wakes its own.</summary>
    private sealed class Lane(Journal journal, JournalLane lane) : IJournalLane
    {
        public void Append(in JournalEntry entry) => lane.Append(entry);

        public void AppendWatermark(long wallMs, ulong clock) => lane.AppendWatermark(wallMs, clock);

        public void HandOver(JournalCommit? commit)
        {
            lane.HandOver(commit);
            journal.Wake();
        }
    }
}
