using Presence.Engine;

namespace Presence.Server.Storage.Journal;

/// <summary>A block being filled: room for its head, then records.</summary>
internal sealed class JournalBlock
{
    private readonly byte[] _bytes = new byte[BlockFormat.MaxBytes];
    private int _used = BlockFormat.HeadBytes;

    public bool IsEmpty => _used == BlockFormat.HeadBytes;

    /// <summary>Head and records.</summary>
    public Memory<byte> Bytes => _bytes.AsMemory(0, _used);

    public bool HasRoom => _used + RecordFormat.MaxBytes <= _bytes.Length;

    public void Add(in JournalEntry entry) => _used += RecordFormat.Write(_bytes.AsSpan(_used), entry);

    public void AddCoalesced(in UserRecord user, bool isVisible) => _used += RecordFormat.WriteCoalesced(_bytes.AsSpan(_used), user, isVisible);

    public void AddWatermark(long watermarkMs, ulong clock) => _used += RecordFormat.WriteWatermark(_bytes.AsSpan(_used), watermarkMs, clock);

    public void AddHole() => _used += RecordFormat.WriteHole(_bytes.AsSpan(_used));

    public void Clear() => _used = BlockFormat.HeadBytes;
}
