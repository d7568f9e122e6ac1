using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Presence.Engine;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;
using Xunit;

namespace Presence.Server.Tests.Storage.Journal;

/// <summary>The journal whole, on the real disk, with the store that recovers from it.</summary>
public sealed class DiskJournalTests : IAsyncDisposable
{
    private readonly JournaledStores _stores = new();

    public ValueTask DisposeAsync() => _stores.DisposeAsync();

    [Fact]
    public async Task What_is_committed_is_in_the_store_of_a_process_that_finds_the_disk_as_it_was_then()
    {
        (DiskJournal journal, LastActiveStore store) = _stores.Open("data");
        IJournalLane lane = journal.Open(0);
        for (ulong user = 1; user <= 1_000; user++)
        {
            JournalEntry entry = JournalFixture.Entry(user, user);
            store.Write(entry.User);
            lane.Append(entry);
        }

        lane.AppendWatermark(1_790_000_000_123, clock: 5_000);
        var commit = new TestCommit();
        lane.HandOver(commit);
        Assert.True(await commit.Answer);
        _stores.CopyAsOfNow("data", "killed");

        (_, LastActiveStore found) = _stores.Open("killed");
        Assert.Equal(5_000UL, found.MaxVersion);
        Assert.Equal(1_790_000_000_123, found.LastWatermarkMs);
        Assert.Equal(1_000, found.Health.Records);

        // Until a checkpoint holds it, it is the journal's to keep.
        Assert.True(await found.CheckpointAsync());
        Assert.Single(Directory.GetFiles(_stores["killed/last-active"], "*.ckpt"));
    }

    [Fact]
    public async Task What_a_checkpoint_holds_and_what_came_behind_it_are_both_there()
    {
        (DiskJournal journal, LastActiveStore store) = _stores.Open("data");
        IJournalLane lane = journal.Open(0);
        Append(1);
        Assert.True(await store.CheckpointAsync());
        Append(2);
        Assert.True(await JournaledStores.CommitAsync(lane));
        _stores.CopyAsOfNow("data", "killed");

        (_, LastActiveStore found) = _stores.Open("killed");
        var read = new TestRead([1, 2]);
        found.Read(read);
        Assert.Equal([1UL, 2UL], (await read.Answer).Select(record => record.Version));

        void Append(ulong user)
        {
            store.Write(JournalFixture.Entry(user, user).User);
            lane.Append(JournalFixture.Entry(user, user));
        }
    }

    [Fact]
    public async Task What_the_last_checkpoint_knows_better_under_the_same_version_is_not_taken_back()
    {
        (DiskJournal journal, LastActiveStore store) = _stores.Open("data");
        IJournalLane lane = journal.Open(0);
        JournalEntry entry = JournalFixture.Entry(1, 7);
        store.Write(entry.User);
        lane.Append(entry);
        Assert.True(await JournaledStores.CommitAsync(lane));
        store.Write(entry.User with { TrueLastActiveMs = 1_000 });
        await store.DisposeAsync();
        await journal.DisposeAsync();
        _stores.CopyAsOfNow("data", "next");

        (_, LastActiveStore found) = _stores.Open("next");
        var read = new TestRead(1);
        found.Read(read);
        Assert.Equal((7UL, 1_000), (await read.Answer).Select(record => (record.Version, record.TrueLastActiveMs)).Single());
    }

    [Fact]
    public async Task A_clean_stop_leaves_no_room_that_is_not_used()
    {
        (DiskJournal journal, LastActiveStore store) = _stores.Open("data");
        IJournalLane lane = journal.Open(0);
        lane.Append(JournalFixture.Entry(1, 1));
        lane.HandOver(commit: null);
        await store.DisposeAsync();
        await journal.DisposeAsync();
        string segment = Assert.Single(Directory.GetFiles(_stores["data/journal"]));
        Assert.Equal(SegmentHeader.Bytes + BlockFormat.HeadBytes + RecordFormat.MinBytes, new FileInfo(segment).Length);
    }

    [Fact]
    public async Task Kills_one_after_the_other_do_not_fill_the_disk()
    {
        for (int kill = 0; kill < 20; kill++)
        {
            (DiskJournal journal, _) = _stores.Open($"data-{kill}");
            IJournalLane lane = journal.Open(0);
            lane.Append(JournalFixture.Entry((ulong)kill + 1, 1));
            Assert.True(await JournaledStores.CommitAsync(lane));
            _stores.CopyAsOfNow($"data-{kill}", $"data-{kill + 1}");
        }

        (_, LastActiveStore store) = _stores.Open("data-20");
        Assert.Equal(20, store.Health.Records);
        Assert.True(Directory.GetFiles(_stores["data-20/journal"]).Sum(path => new FileInfo(path).Length) < 20 * 1_024);
    }

    [Fact]
    public async Task A_disk_that_does_not_answer_delays_nobody_and_is_told_of()
    {
        var files = new FakeFiles();
        var time = new FakeTimeProvider();
        await using DiskJournal journal = DiskJournal.Open(files, "/journal", new JournalOptions(), new UserHash(7), time, NullLogger.Instance);
        IJournalLane lane = journal.Open(0);
        files.Answers.Reset();
        lane.Append(JournalFixture.Entry(1, 1));
        var commit = new TestCommit();
        lane.HandOver(commit);
        while (files.Writes == 0)
        {
            await Task.Yield();
        }

        for (ulong version = 2; version < 100_000; version++)
        {
            lane.Append(JournalFixture.Entry(1, version));
        }

        Assert.Null(journal.Health.Problem);
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Contains("has not answered", journal.Health.Problem, StringComparison.Ordinal);
        Assert.Null(commit.IsDurable);
        files.Answers.Set();
        Assert.True(await commit.Answer);
        Assert.True(await JournaledStores.CommitAsync(lane));
        Assert.Null(journal.Health.Problem);
    }

    [Fact]
    public async Task A_checkpoint_that_the_journal_wants_is_written_though_nothing_has_changed()
    {
        using DataDirectory directory = DataDirectory.Open(_stores["data"]);
        var journal = new WantingJournal();
        await using LastActiveStore store = LastActiveStore.Open(
            directory, new StoreOptions { MemoryBudget = 64 << 20 }, TimeProvider.System, NullLogger.Instance, new CheckpointDisk(), journal);
        store.Load();
        for (int wanted = 1; wanted <= 2; wanted++)
        {
            Task<bool> written = store.NextCheckpoint();
            journal.Want!();
            Assert.True(await written);
        }

        Assert.Equal([(1UL, 1UL), (2UL, 1UL)], journal.Ended);
    }

    /// <summary>A journal that holds nothing, and wants what the test wants.</summary>
    private sealed class WantingJournal : ICheckpointedJournal
    {
        private readonly FakeFiles _files = new();

        public Action? Want { get; private set; }

        public List<(ulong Number, ulong OldestKept)> Ended { get; } = [];

        public JournalReplay Recover(ulong newest, ulong fallback, ulong maxVersion, Action<JournalRecord> apply) =>
            new(_files, new Segments(_files, new JournalOptions()), "/journal", NullLogger.Instance);

        public void CheckpointBegins(ulong number) => Assert.Equal((ulong)Ended.Count + 1, number);

        public void CheckpointEnds(ulong number, ulong oldestKept) => Ended.Add((number, oldestKept));

        public void WhenCheckpointIsWanted(Action request) => Want = request;
    }
}
