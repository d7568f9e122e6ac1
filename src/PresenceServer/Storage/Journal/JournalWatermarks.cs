namespace Presence.Server.Storage.Journal;

/// <summary>Up to when all that a node has decided is in what was read of its journal.</summary>
/// <param name="shards">Of the node; others were those of an earlier process.</param>
internal sealed class JournalWatermarks(int shards)
{
    private readonly Dictionary<int, long> _ms = [];

    /// <summary>Unix milliseconds, of the shard that has said least; one that has said nothing yet since we read is not known.</summary>
    public long? AsOfMs => _ms.Count == shards ? _ms.Values.Min() : null;

    /// <summary>Takes a record that was read.</summary>
    public void Read(in PlacedRecord placed)
    {
        if (placed.Record.IsWatermark && placed.Shard < shards)
        {
            _ms[placed.Shard] = placed.Record.WatermarkMs;
        }
    }
}
