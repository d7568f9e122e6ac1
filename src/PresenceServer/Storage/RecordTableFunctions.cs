using FASTER.core;

namespace Presence.Server.Storage;

/// <summary>What FASTER does with a record: the newest version wins, in place; new keys are counted. Called by the store's thread alone.</summary>
internal sealed class RecordTableFunctions : FunctionsBase<ulong, PackedRecord, PackedRecord, PackedRecord, Empty>
{
    /// <summary>Records in the log, companions included.</summary>
    public long Count { get; private set; }

    public override bool ConcurrentReader(
        ref ulong key, ref PackedRecord input, ref PackedRecord value, ref PackedRecord dst, ref ReadInfo readInfo)
    {
        dst = value;
        return true;
    }

    public override bool SingleReader(
        ref ulong key, ref PackedRecord input, ref PackedRecord value, ref PackedRecord dst, ref ReadInfo readInfo)
    {
        dst = value;
        return true;
    }

    // An equal version overwrites: records of users online for long are rewritten without a transition.
    public override bool ConcurrentWriter(
        ref ulong key, ref PackedRecord input, ref PackedRecord src, ref PackedRecord dst, ref PackedRecord output, ref UpsertInfo upsertInfo)
    {
        if (src.Version >= dst.Version)
        {
            dst = src;
        }

        return true;
    }

    public override bool SingleWriter(
        ref ulong key, ref PackedRecord input, ref PackedRecord src, ref PackedRecord dst, ref PackedRecord output, ref UpsertInfo upsertInfo, WriteReason reason)
    {
        dst = src;
        Count++;
        return true;
    }
}
