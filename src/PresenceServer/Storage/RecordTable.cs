using System.Numerics;
using FASTER.core;

namespace Presence.Server.Storage;

using Session = ClientSession<ulong, PackedRecord, PackedRecord, PackedRecord, Empty, RecordTableFunctions>;

/// <summary>
/// One FASTER instance, used by one thread at a time. Its whole log is mutable and in memory: every update is in place, nothing is
/// flushed or read back, so that no operation can wait for a disk. Making it durable is the checkpoint's business.
/// </summary>
internal sealed class RecordTable : IDisposable
{
    /// <summary>The design size; a process holds as many tables as its memory budget needs.</summary>
    public const int TargetRecords = 10_000_000;

    /// <summary>Where new keys are refused: FASTER would begin to move the read-only boundary at 15.1 M records.</summary>
    public const int MaxRecords = 14_000_000;

    public const int RecordBytes = 32;

    private const int PageBits = 20;
    private const int LogBits = 29;
    private const int BucketBytes = 64;
    private const long FirstBuckets = 1 << 12;
    private const long MaxBuckets = 1 << 19;

    // Seven entries a bucket and the rest in overflow buckets: up to 14 records a bucket keep the index at 9-13 bytes a record.
    private const int RecordsPerBucket = 14;

    private readonly RecordTableFunctions _functions = new();
    private readonly NullDevice _device = new();
    private readonly FasterKV<ulong, PackedRecord> _faster;
    private readonly Session _session;

    /// <param name="hash">How keys spread over the index.</param>
    /// <param name="expectedRecords">How many records will come at once, so that the index need not grow under them.</param>
    public RecordTable(UserHash hash, long expectedRecords)
    {
        var buckets = (long)BitOperations.RoundUpToPowerOf2((ulong)(expectedRecords / RecordsPerBucket));
        var log = new LogSettings { LogDevice = _device, PageSizeBits = PageBits, MemorySizeBits = LogBits };
        _faster = new FasterKV<ulong, PackedRecord>(
            Math.Clamp(buckets, FirstBuckets, MaxBuckets), log, comparer: hash, concurrencyControlMode: ConcurrencyControlMode.None);
        _session = _faster.For(_functions).NewSession<RecordTableFunctions>();
    }

    public long Count => _functions.Count;

    public bool HasRoom => Count < MaxRecords;

    /// <summary>Bytes of log and index in use.</summary>
    public long MemoryBytes =>
        _faster.Log.TailAddress - _faster.Log.BeginAddress + ((_faster.IndexSize + _faster.OverflowBucketCount) * BucketBytes);

    /// <summary>False when the key is new and the table is full.</summary>
    public bool TryPut(ulong key, PackedRecord record)
    {
        if (!HasRoom && !TryGet(key, out _))
        {
            return false;
        }

        _session.Upsert(ref key, ref record);
        GrowIndexIfCrowded();
        return true;
    }

    public bool TryGet(ulong key, out PackedRecord record)
    {
        record = default;
        return _session.Read(ref key, ref record).Found;
    }

    /// <summary>Walks the log from its oldest record; also sees records appended while it walks.</summary>
    public RecordCursor Walk() => new(_faster.Log);

    public void Dispose()
    {
        _session.Dispose();
        _faster.Dispose();
        _device.Dispose();
    }

    private void GrowIndexIfCrowded()
    {
        if (Count > _faster.IndexSize * RecordsPerBucket && _faster.IndexSize < MaxBuckets)
        {
            _faster.GrowIndex();
        }
    }
}
