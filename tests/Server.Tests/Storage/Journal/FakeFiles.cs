using Presence.Server.Storage.Journal;
using Xunit;

namespace Presence.Server.Tests.Storage.Journal;

/// <summary>A disk in memory that fails when told to, and forgets what was not synced when the machine does.</summary>
internal sealed class FakeFiles : IJournalFiles
{
    private readonly Dictionary<string, FakeFile> _files = [];

    /// <summary>Thrown by every write.</summary>
    public Exception? WriteError { get; set; }

    /// <summary>Thrown by every sync of a file.</summary>
    public Exception? SyncError { get; set; }

    /// <summary>Thrown when a file is to be made.</summary>
    public Exception? CreateError { get; set; }

    /// <summary>How many bytes of the next write that fails are written all the same.</summary>
    public int WrittenBeforeError { get; set; }

    /// <summary>Every sync waits until this is set.</summary>
    public ManualResetEventSlim Answers { get; } = new(initialState: true);

    public long FreeBytes { get; set; } = 1L << 40;

    public int Syncs { get; private set; }

    public int Writes { get; private set; }

    public byte[] this[string name]
    {
        get => [.. _files[name].Bytes];
        set => _files[name] = new FakeFile(this, room: long.MaxValue) { Bytes = [.. value], Durable = value.Length };
    }

    public IReadOnlyList<string> Names() => [.. _files.Keys];

    public bool Exists(string name) => _files.ContainsKey(name);

    public long LengthOf(string name) => _files[name].Bytes.Count;

    public void Read(string name, Span<byte> to, long offset) =>
        (_files.GetValueOrDefault(name) ?? throw new FileNotFoundException(name)).Bytes[(int)offset..][..to.Length].CopyTo(to);

    public IJournalFile Create(string name, long bytes)
    {
        if (CreateError is { } error)
        {
            throw error;
        }

        var file = new FakeFile(this, bytes);
        _files.Add(name, file);
        return file;
    }

    public void Cut(string name, long bytes)
    {
        FakeFile file = _files[name];
        file.Bytes.RemoveRange((int)bytes, file.Bytes.Count - (int)bytes);
        file.Durable = (int)bytes;
    }

    public void Delete(string name) => Assert.True(_files.Remove(name));

    /// <summary>The power goes: of what was not synced the first bytes of each file are there afterwards.</summary>
    public void LosePower(int unsyncedKept = 0)
    {
        foreach (FakeFile file in _files.Values)
        {
            int kept = Math.Min(file.Bytes.Count, file.Durable + unsyncedKept);
            file.Bytes.RemoveRange(kept, file.Bytes.Count - kept);
            file.Durable = kept;
        }
    }

    private sealed class FakeFile(FakeFiles disk, long room) : IJournalFile
    {
        private bool _isBroken;

        public List<byte> Bytes { get; init; } = [];

        public int Durable { get; set; }

        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> parts, long offset)
        {
            byte[] bytes = [.. parts.SelectMany(static part => part.ToArray())];
            Assert.False(_isBroken, "written to after an error");
            Assert.Equal(Bytes.Count, offset);
            Assert.True(offset + bytes.Length <= room, "beyond the room that was taken");
            if (disk.WriteError is { } error)
            {
                Bytes.AddRange(bytes[..Math.Min(disk.WrittenBeforeError, bytes.Length)]);
                _isBroken = true;
                throw error;
            }

            disk.Writes++;
            Bytes.AddRange(bytes);
        }

        public void Sync()
        {
            Assert.False(_isBroken, "synced after an error");
            disk.Answers.Wait();
            if (disk.SyncError is { } error)
            {
                _isBroken = true;
                throw error;
            }

            disk.Syncs++;
            Durable = Bytes.Count;
        }

        public void Cut(long bytes) => Bytes.RemoveRange((int)bytes, Bytes.Count - (int)bytes);

        public void Dispose()
        {
        }
    }
}
