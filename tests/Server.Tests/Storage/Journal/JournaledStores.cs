using Microsoft.Extensions.Logging.Abstractions;
using Presence.Engine;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;

namespace Presence.Server.Tests.Storage.Journal;

/// <summary>Data directories with a store and a journal on the real disk, each as a process has them.</summary>
internal sealed class JournaledStores : IAsyncDisposable
{
    private readonly TemporaryDirectory _root = new();
    private readonly List<IAsyncDisposable> _open = [];
    private readonly List<DataDirectory> _held = [];

    public string this[string path] => _root[path];

    public static async Task<bool> CommitAsync(IJournalLane lane)
    {
        var commit = new TestCommit();
        lane.HandOver(commit);
        return await commit.Answer;
    }

    /// <summary>Opens one of them, and loads it.</summary>
    public (DiskJournal Journal, LastActiveStore Store) Open(string name)
    {
        (DiskJournal journal, LastActiveStore store) = BeginOpen(name, new CheckpointDisk());
        store.Load();
        store.Loaded.GetAwaiter().GetResult();
        return (journal, store);
    }

    /// <summary>Opens one of them; it loads when it is told to.</summary>
    public (DiskJournal Journal, LastActiveStore Store) BeginOpen(string name, ICheckpointDisk disk)
    {
        DataDirectory directory = DataDirectory.Open(_root[name]);
        _held.Add(directory);
        DiskJournal journal = DiskJournal.Open(directory, new JournalOptions(), TimeProvider.System, NullLogger.Instance);
        _open.Add(journal);
        LastActiveStore store = LastActiveStore.Open(
            directory, new StoreOptions { MemoryBudget = 64 << 20 }, TimeProvider.System, NullLogger.Instance, disk, journal);
        _open.Add(store);
        return (journal, store);
    }

    /// <summary>What a process finds that starts after the present one was killed.</summary>
    public void CopyAsOfNow(string from, string to)
    {
        foreach (string path in Directory.GetFiles(_root[from], "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) != "lock"))
        {
            string target = _root[Path.Combine(to, Path.GetRelativePath(_root[from], path))];
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable one in Enumerable.Reverse(_open))
        {
            await one.DisposeAsync();
        }

        _held.ForEach(static directory => directory.Dispose());
        _root.Dispose();
    }
}
