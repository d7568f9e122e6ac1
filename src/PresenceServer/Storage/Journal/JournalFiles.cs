using Microsoft.Win32.SafeHandles;

namespace Presence.Server.Storage.Journal;

/// <summary>The journal's files on a real disk.</summary>
internal sealed class JournalFiles : IJournalFiles
{
    private readonly string _root;

    public JournalFiles(string root)
    {
        _root = root;
        MakeDirectory();
    }

    public long FreeBytes
    {
        get
        {
            MakeDirectory();
            return new DriveInfo(_root).AvailableFreeSpace;
        }
    }

    public IReadOnlyList<string> Names() => [.. Directory.EnumerateFiles(_root).Select(static path => Path.GetFileName(path))];

    public bool Exists(string name) => File.Exists(PathOf(name));

    public long LengthOf(string name) => new FileInfo(PathOf(name)).Length;

    public void Read(string name, Span<byte> to, long offset)
    {
        using SafeFileHandle file = File.OpenHandle(PathOf(name), options: FileOptions.SequentialScan);
        while (!to.IsEmpty)
        {
            int read = RandomAccess.Read(file, to, offset);
            if (read == 0)
            {
                throw new EndOfStreamException($"'{PathOf(name)}' is shorter than it was.");
            }

            to = to[read..];
            offset += read;
        }
    }

    public IJournalFile Create(string name, long bytes)
    {
        MakeDirectory();
        string path = PathOf(name);
        // Room that is there from the beginning: a full disk is found here, not in the middle of a commit.
        SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, preallocationSize: bytes);
        try
        {
            DurableFile.SyncDirectory(_root);
            return new OpenFile(file, path);
        }
        catch
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    public void Cut(string name, long bytes)
    {
        using SafeFileHandle file = File.OpenHandle(PathOf(name), FileMode.Open, FileAccess.Write);
        RandomAccess.SetLength(file, bytes);
        DurableFile.Sync(file, PathOf(name));
    }

    public void Delete(string name)
    {
        File.Delete(PathOf(name));
        DurableFile.SyncDirectory(_root);
    }

    private void MakeDirectory()
    {
        if (!Directory.Exists(_root))
        {
            Directory.CreateDirectory(_root);
            DurableFile.SyncDirectory(Path.GetDirectoryName(_root)!);
        }
    }

    private string PathOf(string name) => Path.Combine(_root, name);

    private sealed class OpenFile(SafeFileHandle file, string path) : IJournalFile
    {
        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> bytes, long offset) => RandomAccess.Write(file, bytes, offset);

        public void Sync() => DurableFile.Sync(file, path);

        public void Cut(long bytes) => RandomAccess.SetLength(file, bytes);

        public void Dispose() => file.Dispose();
    }
}
