using Presence.Engine;
using Presence.Server.Storage;
using Xunit;

namespace Presence.Server.Tests.Storage;

/// <summary>The store serves while it loads: what is known before a record is read, when a user can be answered for, and what becomes of what happens meanwhile.</summary>
public sealed class LoadingTests : IDisposable
{
    private const int Users = ManyUsers.Count;
    private const ulong Version = ManyUsers.Version;

    // 1 GiB.
    private const long ThreeTables = 1L << 30;

    private readonly GatedDisk _disk = new();

    public void Dispose() => _disk.Dispose();

    [Fact]
    public async Task What_must_be_known_of_the_whole_is_known_before_a_record_is_read()
    {
        await using StoreFixture fixture = await ManyUsers.StoredAsync();
        long stoppedMs = fixture.NowMs;
        fixture.Time.Advance(TimeSpan.FromHours(1));
        fixture.BeginOpen(_disk);
        fixture.Store.Load();

        Assert.Equal(Version + Users, fixture.Store.MaxVersion);
        Assert.Equal(stoppedMs, fixture.Store.LastWatermarkMs);
        Assert.Equal((false, 0, Users), (fixture.Store.Health.IsLoaded, fixture.Store.Health.Loaded, fixture.Store.Health.ToLoad));
        Assert.False(fixture.Store.IsLoaded(1));
        Assert.False(fixture.Store.Loaded.IsCompleted);
        await Assert.ThrowsAsync<IOException>(() => fixture.ReadOneAsync(1));

        int before = fixture.Store.Loads;
        _disk.Open();
        await fixture.Store.Loaded;
        Assert.True(fixture.Store.IsLoaded(1));
        Assert.True(fixture.Store.Loads > before);
        Assert.Equal((true, Users), (fixture.Store.Health.IsLoaded, fixture.Store.Health.Loaded));
        await ManyUsers.AssertAsync(fixture, user => Version + user);
    }

    // Closing waits for the loading too.
    [Fact(Timeout = 60_000)]
    public async Task It_ends_also_when_each_thread_is_through_before_the_next_begins()
    {
        await using StoreFixture fixture = await ManyUsers.StoredAsync();
        fixture.Options = new StoreOptions { MemoryBudget = ThreeTables };
        fixture.BeginOpen(new CheckpointDisk());
        fixture.Store.Load(threads: 3, static thread =>
        {
            thread.Start();
            thread.Join();
        });
        await fixture.Store.Loaded.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await ManyUsers.AssertAsync(fixture, user => Version + user);
    }

    [Theory]
    [InlineData(Version, Version + 1)]
    [InlineData(Version + 1, Version + 1)]
    [InlineData(Version + 5, Version + 5)]
    public async Task What_is_written_meanwhile_wins_by_its_version(ulong written, ulong kept)
    {
        await using StoreFixture fixture = await ManyUsers.StoredAsync();
        fixture.Time.Advance(TimeSpan.FromHours(1));
        fixture.BeginOpen(_disk);
        fixture.Store.Write(fixture.Record(1, written));
        fixture.Store.Load();
        fixture.Store.Write(fixture.Record(Users + 1, 1));
        _disk.Open();
        await fixture.Store.Loaded;

        UserRecord record = await fixture.ReadOneAsync(1);
        Assert.Equal(kept, record.Version);
        Assert.Equal(written >= Version + 1, record.LastActiveMs == fixture.NowMs);
        Assert.Equal(1UL, (await fixture.ReadOneAsync(Users + 1)).Version);
        await fixture.ReopenAsync();
        Assert.Equal(record, await fixture.ReadOneAsync(1));
    }

    [Fact]
    public async Task A_checkpoint_that_is_due_waits_until_all_is_loaded_and_then_has_all_of_it()
    {
        await using StoreFixture fixture = await ManyUsers.StoredAsync();
        fixture.BeginOpen(_disk);
        fixture.Store.Load();
        fixture.Store.Write(fixture.Record(Users + 1, 1));
        Task<bool> next = fixture.Store.NextCheckpoint();
        fixture.Time.Advance(fixture.Options.CheckpointInterval);
        await Assert.ThrowsAsync<IOException>(() => fixture.ReadOneAsync(1));
        Assert.Single(fixture.CheckpointFiles());
        Assert.False(next.IsCompleted);

        _disk.Open();
        Assert.True(await next);
        Assert.Equal(Users + 1, CheckpointContent.Read(fixture.CheckpointFiles()[^1]).Count);
    }

    [Fact]
    public async Task A_table_that_is_filled_is_answered_from_while_others_are_loaded()
    {
        await using var fixture = new StoreFixture();
        fixture.Options = fixture.Options with { MemoryBudget = 1L << 30 };
        fixture.Open();
        ManyUsers.Write(fixture, Version);
        await fixture.CloseAsync();
        using (CheckpointReader reader = CheckpointContent.Open(fixture.CheckpointFiles()[0]))
        {
            Assert.Equal(3, reader.Header.Sections.Count);
            _disk.OpenUpTo(reader.Layout.BlockOf(1, 0).Offset);
        }

        fixture.BeginOpen(_disk);
        fixture.Store.Load();
        await UntilAsync(() => fixture.Store.Loads > 0);
        ulong[] loaded = [.. ManyUsers.All.Where(fixture.Store.IsLoaded)];
        Assert.InRange(loaded.Length, Users / 4, Users / 2);
        UserRecord[] records = await fixture.ReadAsync(loaded);
        Assert.All(records, record => Assert.Equal(Version + record.UserId, record.Version));
        fixture.Store.Write(fixture.Record(loaded[0], ulong.MaxValue));
        Assert.Equal(ulong.MaxValue, (await fixture.ReadOneAsync(loaded[0])).Version);

        _disk.Open();
        await fixture.Store.Loaded;
        Assert.Equal(Users, fixture.Store.Health.Records);
    }

    [Theory]
    [InlineData(64L << 20, 1L << 30)]
    [InlineData(1L << 30, 64L << 20)]
    [InlineData(1L << 30, 2L << 30)]
    public async Task The_number_of_tables_may_change_at_any_start(long before, long after)
    {
        await using var fixture = new StoreFixture();
        fixture.Options = fixture.Options with { MemoryBudget = before };
        fixture.Open();
        ManyUsers.Write(fixture, Version);
        fixture.Store.Write(new UserRecord(Users + 1, 3, fixture.NowMs - 9, fixture.NowMs, StoreFixture.Offline, UserRecordFlags.Invisible));
        await fixture.CloseAsync();
        fixture.Options = fixture.Options with { MemoryBudget = after };
        fixture.Open();

        Assert.Equal(fixture.Store.Health.ToLoad, fixture.Store.Health.Loaded);
        await ManyUsers.AssertAsync(fixture, user => Version + user);
        Assert.Equal(fixture.NowMs, (await fixture.ReadOneAsync(Users + 1)).TrueLastActiveMs);
    }

    [Fact]
    public async Task More_records_than_there_is_room_for_are_refused_before_one_is_read()
    {
        await using StoreFixture fixture = await ManyUsers.StoredAsync();
        WriteHeaderOf(fixture.CheckpointFiles()[0], [RecordTable.MaxRecords + 1L]);

        var error = Assert.Throws<DataDirectoryException>(() => fixture.BeginOpen(_disk));
        Assert.Contains("MemoryBudget", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, error.ExitCode);
    }

    [Fact]
    public async Task Users_to_come_count_against_the_memory_budget_at_once()
    {
        await using var fixture = StoreFixture.Opened();
        for (ulong user = 1; user <= 600_000; user++)
        {
            fixture.Store.Write(fixture.Record(user, 1));
        }

        await fixture.CloseAsync();
        fixture.Options = fixture.Options with { MemoryBudget = StoreOptions.MinMemoryBudget };
        fixture.BeginOpen(_disk);
        fixture.Store.Load();
        Assert.False(fixture.Store.HasRoomForNewUsers);
        _disk.Open();
        await fixture.Store.Loaded;
        Assert.False(fixture.Store.HasRoomForNewUsers);
    }

    [Fact]
    public async Task A_stop_while_it_loads_ends_it_and_touches_nothing()
    {
        await using StoreFixture fixture = await ManyUsers.StoredAsync();
        byte[] before = File.ReadAllBytes(fixture.CheckpointFiles()[0]);
        fixture.BeginOpen(_disk);
        fixture.Store.Load();
        Task loaded = fixture.Store.Loaded;
        Task stopping = fixture.CloseAsync();
        Assert.False(stopping.IsCompleted);
        _disk.Open();
        await stopping;

        Assert.True(loaded.IsCanceled);
        Assert.Equal(before, File.ReadAllBytes(Assert.Single(fixture.CheckpointFiles())));
        fixture.Open();
        await ManyUsers.AssertAsync(fixture, user => Version + user);
    }

    [Fact]
    public async Task A_stop_before_it_loads_ends_at_once()
    {
        await using StoreFixture fixture = await ManyUsers.StoredAsync();
        fixture.BeginOpen(_disk);
        fixture.Store.Write(fixture.Record(1, 1));
        await fixture.CloseAsync();
        Assert.Single(fixture.CheckpointFiles());
    }

    [Fact]
    public async Task A_stop_while_it_loads_loses_nothing_that_was_written()
    {
        await using StoreFixture fixture = await ManyUsers.StoredAsync();
        fixture.BeginOpen(_disk);
        fixture.Store.Load();
        fixture.Store.Write(fixture.Record(7, ulong.MaxValue));
        Task stopping = fixture.CloseAsync();
        _disk.Open();
        await stopping;

        fixture.Open();
        await ManyUsers.AssertAsync(fixture, user => user == 7 ? ulong.MaxValue : Version + user);
    }

    [Fact]
    public async Task A_disk_that_does_not_answer_is_said()
    {
        await using StoreFixture fixture = await ManyUsers.StoredAsync();
        fixture.BeginOpen(_disk);
        fixture.Store.Load();
        Assert.True(fixture.Store.Health.IsHealthy);
        fixture.Time.Advance(StallClock.Limit + TimeSpan.FromSeconds(1));
        Assert.Contains("disk has not answered", fixture.Store.Health.Problem, StringComparison.Ordinal);
        _disk.Open();
        await fixture.Store.Loaded;
        Assert.True(fixture.Store.Health.IsHealthy);
    }

    private static void WriteHeaderOf(string path, long[] sections)
    {
        var bytes = new byte[CheckpointFormat.HeaderBytes(sections.Length)];
        using (CheckpointReader reader = CheckpointContent.Open(path))
        {
            CheckpointFormat.WriteHeader(bytes, reader.Header with { Sections = sections }, reader.Sequence);
        }

        using FileStream file = File.OpenWrite(path);
        file.Write(bytes);
        // A hole: nothing of it is read.
        file.SetLength(new CheckpointLayout(sections).FileBytes);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
