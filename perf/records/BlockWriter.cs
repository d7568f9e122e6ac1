using Presence.Engine;
using Presence.Server.Storage;

namespace Presence.Records;

/// <summary>Puts records into full blocks, section by section.</summary>
internal sealed class BlockWriter(CheckpointFile file)
{
    private readonly byte[] _block = new byte[CheckpointFormat.MaxBlockBytes];
    private int _count;
    private long _records;

    public void Add(in UserRecord record)
    {
        Add(record.UserId, PackedRecord.Pack(record));
        if (PackedRecord.NeedsCompanion(record))
        {
            Add(record.UserId | PackedRecord.CompanionBit, PackedRecord.PackCompanion(record));
        }
    }

    /// <returns>How many records the section has.</returns>
    public long EndSection()
    {
        if (_count > 0)
        {
            Write();
        }

        long records = _records;
        _records = 0;
        return records;
    }

    private void Add(ulong key, PackedRecord record)
    {
        CheckpointFormat.WriteEntry(_block.AsSpan(CheckpointFormat.HeadBytes + (_count * CheckpointFormat.EntryBytes)), key, record);
        _records++;
        if (++_count == CheckpointFormat.MaxEntries)
        {
            Write();
        }
    }

    private void Write()
    {
        file.Append(_block.AsSpan(0, CheckpointFormat.HeadBytes + (_count * CheckpointFormat.EntryBytes)), _count);
        _count = 0;
    }
}
