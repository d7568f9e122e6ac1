using Microsoft.Win32.SafeHandles;

namespace Presence.Server.Storage;

/// <summary>
/// Reads a checkpoint; nothing that does not verify is handed out. The header is read at once and the blocks in any order, by any number of threads that each
/// bring a buffer.
/// </summary>
internal sealed class CheckpointReader : IDisposable
{
    private readonly ICheckpointDisk _disk;
    private readonly SafeFileHandle _file;

    /// <exception cref="InvalidDataException">It is no checkpoint, or its header is damaged.</exception>
    public CheckpointReader(string path, ulong sequence, ICheckpointDisk disk)
    {
        _disk = disk;
        Sequence = sequence;
        _file = File.OpenHandle(path);
        try
        {
            Header = ReadHeader();
            CheckCounts(RandomAccess.GetLength(_file) / CheckpointFormat.EntryBytes);
            Layout = new CheckpointLayout(Header.Sections);
            if (RandomAccess.GetLength(_file) != Layout.FileBytes)
            {
                throw new InvalidDataException($"it should have {Layout.FileBytes} bytes and has {RandomAccess.GetLength(_file)}");
            }
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public ulong Sequence { get; }

    public CheckpointHeader Header { get; }

    public CheckpointLayout Layout { get; }

    /// <summary>The entries of a block.</summary>
    /// <param name="block">As <see cref="Layout"/> says.</param>
    /// <param name="buffer">At least <see cref="CheckpointFormat.MaxBlockBytes"/>; what is returned lies in it.</param>
    /// <exception cref="InvalidDataException">The block is damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public ReadOnlySpan<byte> ReadBlock(in CheckpointLayout.Block block, Span<byte> buffer)
    {
        Span<byte> bytes = Read(block.Offset, buffer[..(CheckpointFormat.HeadBytes + (block.Count * CheckpointFormat.EntryBytes))]);
        (uint count, uint format, ulong hash) = CheckpointFormat.ReadHead(bytes);
        if (count != block.Count || format != CheckpointFormat.Version)
        {
            throw Damaged(block.Offset, $"no block of {block.Count} begins here (format {format}, count {count})");
        }

        Span<byte> payload = bytes[CheckpointFormat.HeadBytes..];
        return CheckpointFormat.Hash(payload, Sequence, block.Place) == hash ? payload : throw Damaged(block.Offset, "the checksum does not match");
    }

    public void Dispose() => _file.Dispose();

    private CheckpointHeader ReadHeader()
    {
        Span<byte> head = stackalloc byte[CheckpointFormat.HeadBytes];
        (uint sections, uint format, ulong hash) = CheckpointFormat.ReadHead(Read(0, head));
        if (format != CheckpointFormat.Version || sections is 0 or > CheckpointFormat.MaxSections)
        {
            throw Damaged(0, $"no header begins here (format {format}, {sections} sections; this server reads format {CheckpointFormat.Version})");
        }

        Span<byte> bytes = Read(0, new byte[CheckpointFormat.HeaderBytes((int)sections)]);
        Span<byte> payload = bytes[CheckpointFormat.HeadBytes..];
        return CheckpointFormat.Hash(payload, Sequence, CheckpointFormat.FirstBlock - 1) == hash
            ? CheckpointFormat.ReadHeader(payload)
            : throw Damaged(0, "the checksum of the header does not match");
    }

    // Before anything is computed from them: numbers that cannot be add up to any length.
    private void CheckCounts(long most)
    {
        if (Header.Sections.Any(records => records < 0 || records > most))
        {
            throw Damaged(0, $"the header says more records of a section than the {most} that the file has room for, or less than none");
        }
    }

    private Span<byte> Read(long offset, Span<byte> into)
    {
        for (int done = 0; done < into.Length;)
        {
            int read = _disk.Read(_file, into[done..], offset + done);
            done += read > 0 ? read : throw Damaged(offset, "the file ends here");
        }

        return into;
    }

    private static InvalidDataException Damaged(long offset, string what) => new($"at byte {offset}: {what}");
}
