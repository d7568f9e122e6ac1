using Microsoft.Win32.SafeHandles;

namespace Presence.Server.Storage;

/// <summary>A checkpoint being written: it gets its name only when all of it is on disk. Every call may take as long as the disk likes.</summary>
internal sealed class CheckpointFile : IDisposable
{
    // Dirty pages are handed to the disk in pieces, so that the last sync is not one burst of gigabytes.
    private const long SyncEveryBytes = 64 << 20;

    private readonly SafeFileHandle _file;
    private readonly string _temporary;
    private readonly string _path;
    private readonly ulong _sequence;
    private long _offset;
    private long _synced;
    private long _place = CheckpointFormat.FirstBlock;

    public CheckpointFile(string path, ulong sequence, int sections)
    {
        _path = path;
        _temporary = path + CheckpointDirectory.TemporarySuffix;
        _sequence = sequence;
        _offset = CheckpointFormat.HeaderBytes(sections);
        _file = File.OpenHandle(_temporary, FileMode.Create, FileAccess.Write, FileShare.Read);
    }

    /// <param name="block">Room for the head, then <paramref name="count"/> entries.</param>
    /// <param name="count"><see cref="CheckpointFormat.MaxEntries"/>, or 1 … that in the last block of a section.</param>
    public void Append(Span<byte> block, int count)
    {
        CheckpointFormat.WriteHead(block, count, _sequence, _place++);
        RandomAccess.Write(_file, block, _offset);
        _offset += block.Length;
        if (_offset - _synced >= SyncEveryBytes)
        {
            DurableFile.Sync(_file, _temporary);
            _synced = _offset;
        }
    }

    /// <summary>Makes it a checkpoint.</summary>
    /// <param name="header">Of as many sections as were announced, with as many records as were appended.</param>
    public void Complete(CheckpointHeader header)
    {
        var bytes = new byte[CheckpointFormat.HeaderBytes(header.Sections.Count)];
        CheckpointFormat.WriteHeader(bytes, header, _sequence);
        RandomAccess.Write(_file, bytes, 0);
        DurableFile.Sync(_file, _temporary);
        DurableFile.Rename(_temporary, _path);
    }

    /// <summary>Gives the space back; a checkpoint that failed leaves nothing behind.</summary>
    public void Abandon()
    {
        Dispose();
        File.Delete(_temporary);
    }

    public void Dispose() => _file.Dispose();
}
