using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Presence.Engine;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Storage;

/// <summary>Data directories that earlier builds wrote, in the repository: they are read to the last record, or refused by name and left as they are.</summary>
public sealed class GoldenDirectoryTests : IDisposable
{
    // Soon after format-2 was written: the retention of its records must not be over.
    private static readonly DateTimeOffset s_then = new(2026, 11, 28, 20, 0, 0, TimeSpan.Zero);

    private readonly TemporaryDirectory _copy = new();

    public void Dispose() => _copy.Dispose();

    /// <summary>Four users in a checkpoint, with the journal that a killed process left behind it: 1 changed once more, and 5 came.</summary>
    [Fact]
    public async Task Format_2_is_read_to_the_last_record()
    {
        Copy("format-2");
        using var directory = DataDirectory.Open(_copy.Path);
        var time = new FakeTimeProvider(s_then);
        await using DiskJournal journal = DiskJournal.Open(directory, new JournalOptions(), time, NullLogger.Instance);
        await using LastActiveStore store = LastActiveStore.Open(
            directory, new StoreOptions { MemoryBudget = 64 << 20 }, time, NullLogger.Instance, new CheckpointDisk(), journal);
        store.Load();
        await store.Loaded;
        var read = new TestRead(1, 2, 3, 4, 5);
        store.Read(read);
        UserRecord[] records = await read.Answer;
        Assert.Equal(
            [Status.Away, Status.Away, Status.Offline, Status.Offline, Status.Busy], records.Select(static record => (Status)record.Status));
        Assert.Equal([false, false, true, false, false], records.Select(static record => (record.Flags & UserRecordFlags.Invisible) != 0));
        Assert.All(records, static record => Assert.NotEqual(0UL, record.Version));
        Assert.InRange(records[3].LastActiveMs, s_then.AddHours(-2).ToUnixTimeMilliseconds(), s_then.ToUnixTimeMilliseconds());
        Assert.True(store.Health.IsHealthy);
        Assert.Null(journal.Health.Problem);
    }

    [Fact]
    public async Task Format_1_is_refused_by_name_and_left_as_it_is()
    {
        string golden = Copy("format-1");
        (int code, string output) = await ServerProcess.RunToEndAsync(ServerProcess.Defaults(_copy.Path));
        Assert.Equal(2, code);
        Assert.Contains("has format version 1, written by Presence 0.1.0", output, StringComparison.Ordinal);
        Assert.Equal(FilesOf(golden), FilesOf(_copy.Path).Where(static file => file.Name != "lock"));
    }

    private string Copy(string name)
    {
        string golden = Path.Combine(ServerProcess.Repository, "tests", "Server.Tests", "Storage", "Golden", name);
        foreach (string path in Directory.GetFiles(golden, "*", SearchOption.AllDirectories))
        {
            string target = _copy[Path.GetRelativePath(golden, path)];
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }

        return golden;
    }

    private static IEnumerable<(string Name, string Content)> FilesOf(string directory) =>
        Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => (Path.GetRelativePath(directory, path), Convert.ToHexString(File.ReadAllBytes(path))));
}
