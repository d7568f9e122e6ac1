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
    private readonly long[] _sections;
    private CheckpointFile? _file;
    private Exception? _failure;

    // The block that is being filled; null until a buffer is free.
    private byte[]? _block;
    private int _count;

    // Where the walk is: a table and a place in it.
    private int _section;
    private int _place;
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
        _sections = new long[tables.TableCount];
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
    /// <param name="header">Of records by section.</param>
    public bool Step(Func<IReadOnlyList<long>, CheckpointHeader> header)
    {
        if (_walked || !HasBlock())
        {
            return false;
        }

        if (_section < _sections.Length && Volatile.Read(ref _failure) is null)
        {
            Walk();
            return true;
        }

        _walked = true;
        CheckpointHeader end = header(_sections);
        OnDisk(() => End(end));
        return false;
    }

    private bool HasBlock() => _block is not null || _free.TryDequeue(out _block);

    private void Walk()
    {
        bool ended = !Fill();
        if (_count == CheckpointFormat.MaxEntries || (ended && _count > 0))
        {
            Send(_block!, _count);
        }

        if (ended)
        {
            _section++;
            _place = 0;
        }
    }

    // False when the section has no more.
    private bool Fill()
    {
        Span<byte> entries = _block.AsSpan(CheckpointFormat.HeadBytes);
        RenewableTable table = _tables[_section];
        long oldestMs = _tables.OldestMs;
        for (int visited = 0; visited < CheckpointFormat.MaxEntries && _count < CheckpointFormat.MaxEntries; visited++, _place++)
        {
            if (!table.TryWalk(_place, out ulong key, out PackedRecord record))
            {
                return false;
            }

            if (_tables.IsWorthKeeping(key, record, oldestMs))
            {
                CheckpointFormat.WriteEntry(entries[(_count++ * CheckpointFormat.EntryBytes)..], key, record);
            }
        }

        return true;
    }

    private void Send(byte[] block, int count)
    {
        _sections[_section] += count;
        _block = null;
        _count = 0;
        OnDisk(() => Write(block, count));
    }

    private void Write(byte[] block, int count)
    {
        if (_failure is null)
        {
            _file!.Append(block.AsSpan(0, CheckpointFormat.HeadBytes + (count * CheckpointFormat.EntryBytes)), count);
        }

        _free.Enqueue(block);
    }

    private void End(CheckpointHeader header)
    {
        if (_failure is null)
        {
            _file!.Complete(header);
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
