namespace Presence.Server.Storage;

/// <summary>Where the blocks of a checkpoint begin: all of a section but its last are full.</summary>
internal sealed class CheckpointLayout
{
    private readonly IReadOnlyList<long> _records;
    private readonly Block[] _first;

    public CheckpointLayout(IReadOnlyList<long> recordsOfSections)
    {
        _records = recordsOfSections;
        _first = new Block[_records.Count];
        FileBytes = CheckpointFormat.HeaderBytes(_records.Count);
        long place = CheckpointFormat.FirstBlock;
        for (int section = 0; section < _first.Length; section++)
        {
            _first[section] = new Block(FileBytes, place, 0);
            FileBytes += (BlocksOf(section) * CheckpointFormat.HeadBytes) + (_records[section] * CheckpointFormat.EntryBytes);
            place += BlocksOf(section);
        }
    }

    public long FileBytes { get; }

    public long BlocksOf(int section) => (_records[section] + CheckpointFormat.MaxEntries - 1) / CheckpointFormat.MaxEntries;

    public Block BlockOf(int section, long number) => new(
        _first[section].Offset + (number * CheckpointFormat.MaxBlockBytes),
        _first[section].Place + number,
        (int)Math.Min(CheckpointFormat.MaxEntries, _records[section] - (number * CheckpointFormat.MaxEntries)));

    /// <param name="Offset">In the file, of its head.</param>
    /// <param name="Place">Among all blocks.</param>
    /// <param name="Count">Entries in it.</param>
    internal readonly record struct Block(long Offset, long Place, int Count);
}
