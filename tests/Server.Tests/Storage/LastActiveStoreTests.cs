using Presence.Engine;
using Presence.Server.Storage;
using Xunit;

namespace Presence.Server.Tests.Storage;

public sealed class LastActiveStoreTests
{
    [Fact]
    public async Task A_written_record_is_read_back_in_every_field()
    {
        await using var fixture = StoreFixture.Opened();
        UserRecord[] written =
        [
            new(1, ulong.MaxValue, 0, 0, 15, 3),
            new((1UL << 63) - 1, 1, PackedRecord.MaxTimeMs, PackedRecord.MaxTimeMs, StoreFixture.Online, 0),
            new(3, 7, -1, fixture.NowMs, StoreFixture.Online, UserRecordFlags.Invisible),
            new(4, 7, fixture.NowMs - 5, fixture.NowMs, StoreFixture.Offline, UserRecordFlags.Invisible),
            new(5, 7, -1, -1, StoreFixture.Online, 0),
        ];
        foreach (var record in written)
        {
            fixture.Store.Write(record);
        }

        Assert.Equal(written, await fixture.ReadAsync([.. written.Select(r => r.UserId)]));
        await fixture.ReopenAsync();
        Assert.Equal(written, await fixture.ReadAsync([.. written.Select(r => r.UserId)]));
    }

    [Fact]
    public async Task An_unknown_user_has_version_0_and_no_times()
    {
        await using var fixture = StoreFixture.Opened();

        Assert.Equal(new UserRecord(9, 0, -1, -1, 0, 0), await fixture.ReadOneAsync(9));
    }

    [Fact]
    public async Task The_newest_version_wins_whether_it_waits_or_is_stored()
    {
        await using var fixture = StoreFixture.Opened();
        fixture.Store.Write(fixture.Record(1, 5));
        fixture.Store.Write(fixture.Record(1, 4));
        Assert.Equal(5UL, (await fixture.ReadOneAsync(1)).Version);

        fixture.Store.Write(fixture.Record(1, 3));
        Assert.Equal(5UL, (await fixture.ReadOneAsync(1)).Version);
    }

    [Fact]
    public async Task An_equal_version_refreshes_the_times()
    {
        await using var fixture = StoreFixture.Opened();
        fixture.Store.Write(fixture.Record(1, 5, StoreFixture.Online));
        await fixture.ReadOneAsync(1);
        fixture.Time.Advance(TimeSpan.FromDays(1));
        var refreshed = fixture.Record(1, 5, StoreFixture.Online);
        fixture.Store.Write(refreshed);

        Assert.Equal(refreshed, await fixture.ReadOneAsync(1));
    }

    [Fact]
    public async Task The_true_time_is_dropped_when_the_user_is_visible_again()
    {
        await using var fixture = StoreFixture.Opened();
        fixture.Store.Write(new UserRecord(1, 5, fixture.NowMs - 9, fixture.NowMs, StoreFixture.Offline, UserRecordFlags.Invisible));
        await fixture.ReadOneAsync(1);
        var visible = fixture.Record(1, 6);
        fixture.Store.Write(visible);

        Assert.Equal(visible, await fixture.ReadOneAsync(1));
        await fixture.ReopenAsync();
        Assert.Equal(visible, await fixture.ReadOneAsync(1));
    }

    [Theory]
    [InlineData(0UL, 1UL, 0L, 0L, 1, 0)]
    [InlineData(1UL << 63, 1UL, 0L, 0L, 1, 0)]
    [InlineData(1UL, 0UL, 0L, 0L, 1, 0)]
    [InlineData(1UL, 1UL, -2L, 0L, 1, 0)]
    [InlineData(1UL, 1UL, 0L, 1L << 42, 1, 0)]
    [InlineData(1UL, 1UL, 0L, 0L, 16, 0)]
    public async Task A_record_that_does_not_fit_is_refused(ulong user, ulong version, long lastMs, long trueMs, byte status, byte flags)
    {
        await using var fixture = StoreFixture.Opened();

        Assert.Throws<ArgumentOutOfRangeException>(() => fixture.Store.Write(new UserRecord(user, version, lastMs, trueMs, status, flags)));
    }

    [Fact]
    public async Task Each_shard_reads_what_it_wrote()
    {
        await using var fixture = StoreFixture.Opened();
        var shards = Enumerable.Range(1, 4).Select(shard => Task.Run(async () =>
        {
            for (ulong version = 1; version <= 2_000; version++)
            {
                var user = ((ulong)shard * 1_000) + (version % 7);
                fixture.Store.Write(fixture.Record(user, version));
                Assert.Equal(version, (await fixture.ReadOneAsync(user)).Version);
            }
        }));

        await Task.WhenAll(shards);
    }

    [Fact]
    public async Task The_highest_version_of_concurrent_writers_of_one_user_wins()
    {
        await using var fixture = StoreFixture.Opened();
        const ulong Writers = 4;
        var writers = Enumerable.Range(0, (int)Writers).Select(writer => Task.Run(() =>
        {
            for (var version = (ulong)writer + 1; version <= 100_000; version += Writers)
            {
                fixture.Store.Write(fixture.Record(1, version));
            }
        }));
        await Task.WhenAll(writers);

        Assert.Equal(100_000UL, (await fixture.ReadOneAsync(1)).Version);
        Assert.Equal(100_000UL, fixture.Store.MaxVersion);
    }

    [Fact]
    public async Task A_read_after_the_store_has_stopped_fails_at_once()
    {
        await using var fixture = StoreFixture.Opened();
        var store = fixture.Store;
        await fixture.CloseAsync();

        var read = new TestRead(1);
        store.Read(read);
        store.Write(fixture.Record(1, 1));

        await Assert.ThrowsAsync<IOException>(() => read.Answer);
    }
}
