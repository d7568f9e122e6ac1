using System.Collections.Concurrent;

namespace Presence.Server.Storage;

/// <summary>
/// One checkpoint on its way: the store's thread walks the tables in slices and fills blocks, the disk thread writes them, and writes
/// and reads go on between two slices. Users do not depend on each other, so the file need not show all of them at one moment: each
/// record in it is one that was current between the start and the end.
/// </summary>
internal sealed class CheckpointRun
{
    private const int Buffers = 2;

    private readonly RecordTables _tables;
    private readonly DiskThread _disk;
    private readonly Action _wake;
    private readonly ConcurrentQueue<byte[]> _free = new();
    private CheckpointFile? _file;
    private Exception? _failure;
    private int _table;
    private int _place;
    private ulong _records;
    private bool _walked;
    private volatile bool _ended;

    /// <param name="tables">What to write; read on the store's thread alone.</param>
    /// <param name="disk">Where it is written.</param>
    /// <param name="open">Makes the file; called on the disk thread.</param>
    /// <param name="wake">Wakes the store's thread: a buffer is free, or the run has ended.</param>
    public CheckpointRun(RecordTables tables, DiskThread disk, Func<CheckpointFile> open, Action wake)
    {
        _tables = tables;
        _disk = disk;
        _wake = wake;
        for (var i = 0; i < Buffers; i++)
        {
            _free.Enqueue(new byte[CheckpointFormat.MaxBlockBytes]);
        }

        OnDisk(() => _file = open());
    }

    /// <summary>The file is complete, or was abandoned.</summary>
    public bool HasEnded => _ended;

    /// <summary>Why it was abandoned; to be read when <see cref="HasEnded"/>.</summary>
    public Exception? Failure => _failure;

    /// <summary>One slice. False when there is nothing to do until woken.</summary>
    public bool Step(Func<ulong, CheckpointFooter> footer)
    {
        if (_walked || !_free.TryDequeue(out var buffer))
        {
            return false;
        }

        var count = Volatile.Read(ref _failure) is null ? Fill(buffer) : 0;
        if (count > 0)
        {
            _records += (ulong)count;
            OnDisk(() => Write(buffer, count));
            return true;
        }

        _free.Enqueue(buffer);
        if (_table < _tables.TableCount && _failure is null)
        {
            return true;
        }

        _walked = true;
        var end = footer(_records);
        OnDisk(() => End(end));
        return false;
    }

    private int Fill(Span<byte> buffer)
    {
        var count = 0;
        for (var visited = 0; visited < CheckpointFormat.MaxEntries && TryNext(out var key, out var record); visited++)
        {
            if (_tables.IsWorthKeeping(key, record))
            {
                CheckpointFormat.WriteEntry(buffer[(CheckpointFormat.HeadBytes + (count * CheckpointFormat.EntryBytes))..], key, record);
                count++;
            }
        }

        return count;
    }

    private bool TryNext(out ulong key, out PackedRecord record)
    {
        for (; _table < _tables.TableCount; _table++)
        {
            if (_tables[_table].TryWalk(_place, out key, out record))
            {
                _place++;
                return true;
            }

            _place = 0;
        }

        key = 0;
        record = default;
        return false;
    }

    private void Write(byte[] buffer, int count)
    {
        if (_failure is null)
        {
            _file!.Append(buffer.AsSpan(0, CheckpointFormat.HeadBytes + (count * CheckpointFormat.EntryBytes)), count);
        }

        _free.Enqueue(buffer);
    }

    private void End(CheckpointFooter footer)
    {
        if (_failure is null)
        {
            _file!.Complete(footer);
            _file.Dispose();
        }

        _ended = true;
    }

    // After a failure the rest of the run passes through without touching the file.
    private void OnDisk(Action work) => _disk.Post(() =>
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            Volatile.Write(ref _failure, e);
            Abandon();
        }

        _wake();
    });

    private void Abandon()
    {
        try
        {
            _file?.Abandon();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be removed now is removed at the next start.
        }
    }
}
