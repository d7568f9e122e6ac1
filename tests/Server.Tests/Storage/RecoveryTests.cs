using Presence.Server.Storage;
using Xunit;

namespace Presence.Server.Tests.Storage;

public sealed class RecoveryTests
{
    [Fact]
    public async Task A_first_start_has_no_version_and_no_watermark()
    {
        await using var fixture = StoreFixture.Opened();

        Assert.Equal(0UL, fixture.Store.MaxVersion);
        Assert.Equal(-1, fixture.Store.LastWatermarkMs);
        Assert.True(fixture.Store.Health.IsHealthy);
    }

    [Fact]
    public async Task With_nothing_to_load_every_user_can_be_answered_for_at_once()
    {
        await using var fixture = new StoreFixture();
        fixture.BeginOpen(new CheckpointDisk());
        Assert.True(fixture.Store.IsLoaded(1));
        fixture.Store.Load();
        await fixture.Store.Loaded;
    }

    [Fact]
    public async Task Everything_written_is_there_after_a_clean_stop()
    {
        await using var fixture = StoreFixture.Opened();
        const int Users = 50_000;
        for (ulong user = 1; user <= Users; user++)
        {
            fixture.Store.Write(fixture.Record(user, user + 10));
        }

        fixture.Time.Advance(TimeSpan.FromSeconds(5));
        var stoppedMs = fixture.NowMs;
        await fixture.CloseAsync();
        fixture.Time.Advance(TimeSpan.FromHours(1));
        fixture.Open();

        Assert.Equal((ulong)Users + 10, fixture.Store.MaxVersion);
        Assert.Equal(stoppedMs, fixture.Store.LastWatermarkMs);
        Assert.Equal(Users, fixture.Store.Health.Records);
        var records = await fixture.ReadAsync([.. Enumerable.Range(1, Users).Select(i => (ulong)i)]);
        Assert.All(records, record => Assert.Equal(record.UserId + 10, record.Version));
    }

    [Fact]
    public async Task The_highest_version_is_kept_even_when_its_record_was_overtaken_by_the_retention()
    {
        await using var fixture = StoreFixture.Opened();
        fixture.Store.Write(fixture.Record(1, 77));
        fixture.Time.Advance(TimeSpan.FromDays(8));
        await fixture.ReopenAsync();
        await fixture.ReopenAsync();

        Assert.Equal(0, fixture.Store.Health.Records);
        Assert.Equal(77UL, fixture.Store.MaxVersion);
    }

    [Fact]
    public async Task A_stop_without_changes_still_leaves_a_sign_of_life()
    {
        await using var fixture = StoreFixture.Opened();
        fixture.Store.Write(fixture.Record(1, 1));
        await fixture.ReopenAsync();
        fixture.Time.Advance(TimeSpan.FromSeconds(7));
        var stoppedMs = fixture.NowMs;
        await fixture.ReopenAsync();

        Assert.Single(fixture.CheckpointFiles());
        Assert.Equal(stoppedMs, fixture.Store.LastWatermarkMs);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(0.999)]
    public async Task A_flipped_byte_in_the_newest_checkpoint_falls_back_to_the_one_before(double place)
    {
        await using var fixture = await WithTwoCheckpoints();
        var newest = fixture.CheckpointFiles()[^1];
        FlipByte(newest, place);
        fixture.Open();

        var record = await fixture.ReadOneAsync(1);
        Assert.InRange(record.Version, 1UL, 2UL);
        Assert.True(File.Exists(newest + ".damaged"));
        Assert.True(await fixture.Store.CheckpointAsync());
        Assert.Equal(2, fixture.CheckpointFiles().Length);
    }

    [Fact]
    public async Task A_torn_newest_checkpoint_falls_back_to_the_one_before()
    {
        await using var fixture = await WithTwoCheckpoints();
        Truncate(fixture.CheckpointFiles()[^1], 20);
        fixture.Open();

        Assert.Equal(1UL, (await fixture.ReadOneAsync(1)).Version);
    }

    [Fact]
    public async Task A_half_written_checkpoint_is_not_one()
    {
        await using var fixture = await WithTwoCheckpoints();
        var newest = fixture.CheckpointFiles()[^1];
        File.Move(newest, newest + ".tmp");
        fixture.Open();

        Assert.Equal(1UL, (await fixture.ReadOneAsync(1)).Version);
        Assert.False(File.Exists(newest + ".tmp"));
    }

    [Fact]
    public async Task When_no_checkpoint_can_be_read_the_store_does_not_start_empty()
    {
        await using var fixture = await WithTwoCheckpoints();
        foreach (var file in fixture.CheckpointFiles())
        {
            Truncate(file, 20);
        }

        var error = Assert.Throws<StoreDamagedException>(fixture.Open);
        Assert.Contains(fixture.Checkpoints, error.Message, StringComparison.Ordinal);
        Assert.Contains("move it away", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, error.ExitCode);
        Assert.Throws<StoreDamagedException>(fixture.Open);
    }

    [Fact]
    public async Task A_checkpoint_under_another_ones_name_is_damaged()
    {
        await using var fixture = await WithTwoCheckpoints();
        var files = fixture.CheckpointFiles();
        File.Copy(files[0], files[1], overwrite: true);
        fixture.Open();

        Assert.True(File.Exists(files[1] + ".damaged"));
        Assert.Equal(1UL, (await fixture.ReadOneAsync(1)).Version);
    }

    [Fact]
    public async Task A_memory_budget_below_what_is_stored_still_recovers_and_refuses_new_users()
    {
        await using var fixture = StoreFixture.Opened();
        for (ulong user = 1; user <= 600_000; user++)
        {
            fixture.Store.Write(fixture.Record(user, 1));
        }

        await fixture.CloseAsync();
        fixture.Options = fixture.Options with { MemoryBudget = StoreOptions.MinMemoryBudget };
        fixture.Open();

        Assert.False(fixture.Store.HasRoomForNewUsers);
        Assert.Equal(1UL, (await fixture.ReadOneAsync(600_000)).Version);
    }

    /// <summary>User 1 has version 1 in the older checkpoint and 2 in the newer.</summary>
    private static async Task<StoreFixture> WithTwoCheckpoints()
    {
        var fixture = StoreFixture.Opened();
        fixture.Store.Write(fixture.Record(1, 1));
        await fixture.ReopenAsync();
        fixture.Store.Write(fixture.Record(1, 2));
        await fixture.CloseAsync();
        Assert.Equal(2, fixture.CheckpointFiles().Length);
        return fixture;
    }

    private static void FlipByte(string path, double place)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[(int)(place * bytes.Length)] ^= 0x10;
        File.WriteAllBytes(path, bytes);
    }

    private static void Truncate(string path, long length)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(length);
    }
}
