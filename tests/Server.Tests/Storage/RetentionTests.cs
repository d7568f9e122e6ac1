using Presence.Engine;
using Xunit;

namespace Presence.Server.Tests.Storage;

public sealed class RetentionTests
{
    [Fact]
    public async Task An_offline_user_is_forgotten_after_the_retention_and_not_before()
    {
        await using var fixture = StoreFixture.Opened();
        fixture.Store.Write(fixture.Record(1, 5));

        fixture.Time.Advance(fixture.Options.Retention);
        Assert.Equal(5UL, (await fixture.ReadOneAsync(1)).Version);

        fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(0UL, (await fixture.ReadOneAsync(1)).Version);
    }

    [Fact]
    public async Task A_user_who_was_online_is_not_forgotten()
    {
        await using var fixture = StoreFixture.Opened();
        fixture.Store.Write(fixture.Record(1, 5, StoreFixture.Online));
        fixture.Time.Advance(fixture.Options.Retention * 2);

        Assert.Equal(5UL, (await fixture.ReadOneAsync(1)).Version);
        await fixture.ReopenAsync();
        Assert.Equal(5UL, (await fixture.ReadOneAsync(1)).Version);
    }

    [Fact]
    public async Task The_true_time_counts_also_after_a_restart()
    {
        await using var fixture = StoreFixture.Opened();
        var frozenMs = fixture.NowMs;
        fixture.Time.Advance(TimeSpan.FromDays(6));
        var invisible = new UserRecord(1, 5, frozenMs, fixture.NowMs, StoreFixture.Offline, UserRecordFlags.Invisible);
        fixture.Store.Write(invisible);
        fixture.Time.Advance(TimeSpan.FromDays(6));
        await fixture.ReopenAsync();

        Assert.Equal(invisible with { LastActiveMs = -1 }, await fixture.ReadOneAsync(1));
        fixture.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(0UL, (await fixture.ReadOneAsync(1)).Version);
    }

    [Fact]
    public async Task A_wall_clock_that_is_set_ahead_takes_as_much_as_it_stood_wrong()
    {
        await using var fixture = StoreFixture.Opened();
        fixture.Store.Write(fixture.Record(1, 5));
        fixture.Time.Advance(TimeSpan.FromDays(1));
        fixture.Store.Write(fixture.Record(2, 5));
        Assert.Equal(5UL, (await fixture.ReadOneAsync(2)).Version);
        fixture.Time.AheadBy = TimeSpan.FromDays(4_000);
        Assert.Equal(5UL, (await fixture.ReadOneAsync(1)).Version);
        fixture.Time.Advance(TimeSpan.FromDays(3) - TimeSpan.FromMinutes(1));
        Assert.Equal(5UL, (await fixture.ReadOneAsync(1)).Version);
        fixture.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(0UL, (await fixture.ReadOneAsync(1)).Version);
        Assert.True(await fixture.Store.CheckpointAsync());

        fixture.Time.AheadBy = TimeSpan.Zero;
        Assert.Equal(5UL, (await fixture.ReadOneAsync(2)).Version);
        await fixture.ReopenAsync();
        Assert.Equal(5UL, (await fixture.ReadOneAsync(2)).Version);
    }

    [Fact]
    public async Task Of_who_is_invisible_no_more_is_seen_than_of_who_left_at_the_same_moment()
    {
        await using var fixture = StoreFixture.Opened();
        long leftMs = fixture.NowMs;
        fixture.Store.Write(new UserRecord(1, 5, leftMs, leftMs, StoreFixture.Offline, 0));
        for (int day = 0; day <= 8; day++)
        {
            // Here every day, unseen.
            fixture.Store.Write(new UserRecord(2, 5, leftMs, fixture.NowMs, StoreFixture.Offline, UserRecordFlags.Invisible));
            UserRecord left = await fixture.ReadOneAsync(1), invisible = await fixture.ReadOneAsync(2);
            Assert.Equal(left.Visible(null) with { UserId = 2 }, invisible.Visible(null));
            Assert.Equal((day > 7 ? 0UL : 5UL, UserRecordFlags.Invisible), (invisible.Visible(null).Version, invisible.Flags));
            fixture.Time.Advance(TimeSpan.FromDays(1));
        }
    }

    [Fact]
    public async Task Without_a_time_the_versions_own_time_counts()
    {
        await using var fixture = StoreFixture.Opened();
        fixture.Store.Write(new UserRecord(1, (ulong)fixture.NowMs << 16, -1, -1, StoreFixture.Offline, 0));
        Assert.NotEqual(0UL, (await fixture.ReadOneAsync(1)).Version);

        fixture.Time.Advance(fixture.Options.Retention + TimeSpan.FromMilliseconds(1));
        Assert.Equal(0UL, (await fixture.ReadOneAsync(1)).Version);
    }

    [Fact]
    public async Task The_space_of_forgotten_users_comes_back()
    {
        await using var fixture = StoreFixture.Opened();
        for (ulong user = 1; user <= 10_000; user++)
        {
            fixture.Store.Write(new UserRecord(user, 1, fixture.NowMs - 1, fixture.NowMs, StoreFixture.Offline, UserRecordFlags.Invisible));
        }

        Assert.True(await fixture.Store.CheckpointAsync());
        var before = new FileInfo(fixture.CheckpointFiles()[^1]).Length;
        fixture.Time.Advance(fixture.Options.Retention + TimeSpan.FromDays(1));
        fixture.Store.Write(fixture.Record(20_000, 2));
        await fixture.ReopenAsync();

        Assert.InRange(new FileInfo(fixture.CheckpointFiles()[^1]).Length, 1, before / 100);
        Assert.Equal(1, fixture.Store.Health.Records);
    }
}
