using Presence.Engine;
using Presence.Server.Storage;
using Xunit;

namespace Presence.Server.Tests.Storage;

/// <summary>A walk over who is recorded as not OFFLINE meets each of them once, whatever else the store does meanwhile.</summary>
public sealed class PresentWalkTests : IDisposable
{
    private const int Users = ManyUsers.Count;

    private readonly GatedDisk _disk = new();

    public void Dispose() => _disk.Dispose();

    [Fact]
    public async Task It_meets_who_is_not_offline_as_a_read_would_and_nobody_else()
    {
        await using var fixture = StoreFixture.Opened();
        fixture.Store.Write(fixture.Record(1, 1));
        fixture.Time.Advance(fixture.Options.Retention + TimeSpan.FromDays(1));
        long frozenMs = fixture.NowMs;
        fixture.Time.Advance(TimeSpan.FromSeconds(7));
        fixture.Store.Write(fixture.Record(2, 2, StoreFixture.Online));
        fixture.Store.Write(new UserRecord(3, 3, frozenMs, fixture.NowMs, StoreFixture.Offline, UserRecordFlags.Invisible));
        fixture.Store.Write(new UserRecord(4, 4, frozenMs, fixture.NowMs, StoreFixture.Online, 2));
        fixture.Store.Write(fixture.Record(5, 5, StoreFixture.Online));
        fixture.Store.Write(fixture.Record(5, 6));

        UserRecord[] met = [.. (await new TestWalk().RestAsync(fixture.Store)).OrderBy(record => record.UserId)];
        Assert.Equal([2UL, 4UL], met.Select(record => record.UserId));
        Assert.Equal(await fixture.ReadAsync(2, 4), met);
        Assert.Equal(fixture.NowMs, met[1].TrueLastActiveMs);
    }

    [Fact]
    public async Task Many_come_in_slices_of_whom_is_wanted()
    {
        await using StoreFixture fixture = OpenWithTables(3);
        WriteOnline(fixture);
        var walk = new TestWalk(user => user % 2 == 0);
        List<ulong> met = [];
        while (!walk.IsOver)
        {
            UserRecord[] slice = await walk.NextAsync(fixture.Store);
            Assert.InRange(slice.Length, 0, PresentWalk.MaxRecords);
            met.AddRange(slice.Select(record => record.UserId));
        }

        Assert.Equal(ManyUsers.All.Where(user => user % 2 == 0), met.Order());
    }

    [Fact]
    public async Task A_slice_looks_at_few_however_many_are_offline()
    {
        await using var fixture = StoreFixture.Opened();
        ManyUsers.Write(fixture, version: 1);
        await fixture.ReadOneAsync(1);
        fixture.Store.Write(fixture.Record(Users + 1, 1, StoreFixture.Online));
        var walk = new TestWalk();
        Assert.Empty(await walk.NextAsync(fixture.Store));
        Assert.False(walk.IsOver);
        Assert.Equal(Users + 1UL, Assert.Single(await walk.RestAsync(fixture.Store)).UserId);
    }

    [Fact]
    public async Task Who_is_there_from_beginning_to_end_is_met_though_the_table_is_made_anew_on_the_way()
    {
        await using var fixture = StoreFixture.Opened();
        ManyUsers.Write(fixture, version: 1);
        fixture.Time.Advance(fixture.Options.Retention + TimeSpan.FromDays(1));
        ulong[] online = [.. Enumerable.Range(Users + 1, Users).Select(static user => (ulong)user)];
        foreach (ulong user in online)
        {
            fixture.Store.Write(fixture.Record(user, 1, StoreFixture.Online));
        }

        var walk = new TestWalk();
        HashSet<ulong> met = [.. (await walk.NextAsync(fixture.Store)).Select(record => record.UserId)];
        Assert.False(walk.IsOver);
        Assert.True(await fixture.Store.CheckpointAsync());
        while (fixture.Store.Health.Records > Users)
        {
            await fixture.ReadOneAsync(1);
        }

        met.UnionWith((await walk.RestAsync(fixture.Store)).Select(record => record.UserId));
        Assert.Equal(online, met.Order());
    }

    [Fact]
    public async Task A_table_that_is_being_made_anew_is_waited_for()
    {
        using var tables = new RecordTables(RecordTables.BytesPerUser, hashSeed: 42, new RetentionRule(TimeSpan.FromDays(7), TimeProvider.System));
        var walks = new PresentWalks(tables);
        var record = new UserRecord(1, 1, 1, 1, StoreFixture.Online, 0);
        tables.TryWrite(record);
        tables[0].BeginRenewal();
        Task<UserRecord[]> slice = new TestWalk().NextAsync(walks);
        walks.Choose();
        Assert.False(walks.Step());

        UserRecord newer = record with { Version = 2 };
        tables.TryWrite(newer);
        while (tables[0].Renew(places: 1, static (_, _) => true))
        {
        }

        walks.Choose();
        Assert.True(walks.Step());
        Assert.Equal([newer], await slice);
    }

    [Fact]
    public async Task Who_changes_on_the_way_is_met_as_of_the_slice()
    {
        await using var fixture = StoreFixture.Opened();
        WriteOnline(fixture);
        var walk = new TestWalk();
        UserRecord[] first = await walk.NextAsync(fixture.Store);
        ulong passed = first[0].UserId;
        ulong ahead = ManyUsers.All.Except(first.Select(record => record.UserId)).First();
        fixture.Store.Write(fixture.Record(passed, 90_000));
        fixture.Store.Write(fixture.Record(ahead, 90_000));
        fixture.Store.Write(fixture.Record(Users + 1, 1, StoreFixture.Online));

        List<UserRecord> rest = await walk.RestAsync(fixture.Store);
        Assert.DoesNotContain(rest, record => record.UserId == passed || record.UserId == ahead);
        Assert.Contains(rest, record => record.UserId == Users + 1);
        Assert.Equal(Users - PresentWalk.MaxRecords, rest.Select(record => record.UserId).Distinct().Count());
        Assert.Equal(Users - PresentWalk.MaxRecords, rest.Count);
    }

    [Fact]
    public async Task It_waits_for_what_is_loaded_and_sees_what_was_written_before()
    {
        await using StoreFixture fixture = OpenWithTables(3);
        WriteOnline(fixture);
        await fixture.CloseAsync();
        using (CheckpointReader reader = CheckpointContent.Open(fixture.CheckpointFiles()[0]))
        {
            _disk.OpenUpTo(reader.Layout.BlockOf(1, 0).Offset);
        }

        fixture.BeginOpen(_disk);
        fixture.Store.Load();
        var walk = new TestWalk();
        List<UserRecord> met = [.. await walk.NextAsync(fixture.Store)];
        Task<UserRecord[]> next = walk.NextAsync(fixture.Store);
        for (; await IsAnsweredAsync(fixture, next); next = walk.NextAsync(fixture.Store))
        {
            met.AddRange(await next);
        }

        // The next table is not there. What becomes of its users meanwhile counts.
        Assert.Equal(ManyUsers.All.Where(fixture.Store.IsLoaded), met.Select(record => record.UserId).Order());
        ulong left = ManyUsers.All.First(user => !fixture.Store.IsLoaded(user));
        fixture.Store.Write(fixture.Record(left, 90_000));
        _disk.Open();
        met.AddRange(await next);
        met.AddRange(await walk.RestAsync(fixture.Store));
        Assert.Equal(ManyUsers.All.Where(user => user != left), met.Select(record => record.UserId).Order());
    }

    [Fact]
    public async Task Several_walks_and_a_checkpoint_go_on_beside_each_other()
    {
        await using StoreFixture fixture = OpenWithTables(2);
        WriteOnline(fixture);
        Task<List<UserRecord>>[] walks = [.. Enumerable.Range(0, 3).Select(_ => new TestWalk().RestAsync(fixture.Store))];
        Assert.True(await fixture.Store.CheckpointAsync());
        await ManyUsers.AssertAsync(fixture, user => user);
        Assert.All(await Task.WhenAll(walks), met => Assert.Equal(ManyUsers.All, met.Select(record => record.UserId).Order()));
    }

    [Fact]
    public async Task A_store_that_stops_leaves_no_walk_waiting()
    {
        await using StoreFixture fixture = OpenWithTables(3);
        WriteOnline(fixture);
        await fixture.CloseAsync();
        fixture.BeginOpen(_disk);
        LastActiveStore store = fixture.Store;
        store.Load();
        Task<UserRecord[]> waiting = new TestWalk().NextAsync(store);
        Task stopping = fixture.CloseAsync();
        _disk.Open();
        await stopping;
        await Assert.ThrowsAsync<IOException>(() => waiting);
        await Assert.ThrowsAsync<IOException>(() => new TestWalk().NextAsync(store));
    }

    private static StoreFixture OpenWithTables(int count)
    {
        var fixture = new StoreFixture();
        fixture.Options = fixture.Options with { MemoryBudget = (long)count * RecordTable.TargetRecords * RecordTables.BytesPerUser };
        fixture.Open();
        return fixture;
    }

    private static void WriteOnline(StoreFixture fixture)
    {
        foreach (ulong user in ManyUsers.All)
        {
            fixture.Store.Write(fixture.Record(user, user, StoreFixture.Online));
        }
    }

    // A turn begins with what waits in it; the second read is of one that begins when the one of the first has ended.
    private static async Task<bool> IsAnsweredAsync(StoreFixture fixture, Task slice)
    {
        ulong loaded = ManyUsers.All.First(fixture.Store.IsLoaded);
        await fixture.ReadOneAsync(loaded);
        await fixture.ReadOneAsync(loaded);
        return slice.IsCompleted;
    }
}
