using FASTER.core;

namespace Presence.Server.Storage;

/// <summary>
/// A walk over one table's log in address order, resumable at any record. Updates made meanwhile are in place, so a walk meets every
/// key once; at its end it looks again for records appended on the way. A user's companion is always behind the user's record.
/// </summary>
internal sealed class RecordCursor(LogAccessor<ulong, PackedRecord> log) : IDisposable
{
    private IFasterScanIterator<ulong, PackedRecord>? _scan;
    private long _next = log.BeginAddress;

    public bool TryNext(out ulong key, out PackedRecord record)
    {
        while (true)
        {
            if (_scan is not null && _scan.GetNext(out _, out key, out record))
            {
                return true;
            }

            if (!TryExtend())
            {
                key = 0;
                record = default;
                return false;
            }
        }
    }

    public void Dispose() => _scan?.Dispose();

    private bool TryExtend()
    {
        var tail = log.TailAddress;
        if (_next >= tail)
        {
            return false;
        }

        _scan?.Dispose();
        _scan = log.Scan(_next, tail, ScanBufferingMode.NoBuffering);
        _next = tail;
        return true;
    }
}
