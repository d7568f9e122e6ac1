namespace Presence.Server.Storage;

/// <summary>
/// Fills the tables at start, on all cores: a table belongs to one lane, and each lane has a thread. What a record costs is mostly waiting for
/// memory, so two lanes take about half the time of one.
/// </summary>
internal sealed class RecoveryLanes : IDisposable
{
    private readonly RecordTables _tables;
    private readonly RecoveryLane[] _lanes;
    private volatile bool _isFull;

    /// <param name="tables">Nobody else touches them meanwhile.</param>
    /// <param name="threads">More than there are tables are of no use.</param>
    public RecoveryLanes(RecordTables tables, int threads)
    {
        _tables = tables;
        _lanes = [.. Enumerable.Range(0, Math.Clamp(threads, 1, tables.TableCount)).Select(number => new RecoveryLane(number, Apply))];
    }

    /// <summary>There was no room for a record.</summary>
    public bool IsFull => _isFull;

    /// <summary>Hands over a record; waits while its lane is behind.</summary>
    public void Put(ulong key, PackedRecord record) => _lanes[_tables.NumberOf(key) % _lanes.Length].Put(key, record);

    /// <summary>Waits until all that was handed over is in the tables.</summary>
    public void Dispose()
    {
        foreach (RecoveryLane lane in _lanes)
        {
            lane.Dispose();
        }
    }

    private void Apply(ulong key, PackedRecord record)
    {
        if (!_isFull && !_tables.TryRecover(key, record))
        {
            _isFull = true;
        }
    }
}
