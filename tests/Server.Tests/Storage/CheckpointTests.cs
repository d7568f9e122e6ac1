using Presence.Server.Storage;
using Xunit;

namespace Presence.Server.Tests.Storage;

public sealed class CheckpointTests
{
    private const int WrittenUsers = 4_000;

    [Fact]
    public async Task Changes_are_made_durable_once_an_interval()
    {
        await using var fixture = StoreFixture.Opened();
        fixture.Store.Write(fixture.Record(1, 1));
        await fixture.ReadOneAsync(1);

        var next = fixture.Store.NextCheckpoint();
        fixture.Time.Advance(fixture.Options.CheckpointInterval);

        Assert.True(await next);
        Assert.Single(fixture.CheckpointFiles());
        Assert.Equal(fixture.NowMs, fixture.Store.Health.LastCheckpointMs);
    }

    [Fact]
    public async Task An_interval_without_changes_writes_a_watermark_and_no_checkpoint()
    {
        await using var fixture = StoreFixture.Opened();
        fixture.Store.Write(fixture.Record(1, 1));
        Assert.True(await fixture.Store.CheckpointAsync());

        var next = fixture.Store.NextCheckpoint();
        fixture.Time.Advance(fixture.Options.CheckpointInterval);
        Assert.True(await next);

        Assert.Single(fixture.CheckpointFiles());
        Assert.Equal(fixture.NowMs, TimeFile.Read(Path.Combine(fixture.Checkpoints, "watermark")));
    }

    [Fact]
    public async Task Two_checkpoints_are_kept_and_their_size_does_not_grow_with_updates()
    {
        await using var fixture = StoreFixture.Opened();
        var sizes = new List<long>();
        for (ulong version = 1; version <= 20; version++)
        {
            for (ulong user = 1; user <= 1_000; user++)
            {
                fixture.Store.Write(fixture.Record(user, version));
            }

            Assert.True(await fixture.Store.CheckpointAsync());
            sizes.Add(new FileInfo(fixture.CheckpointFiles()[^1]).Length);
        }

        Assert.InRange(fixture.CheckpointFiles().Length, 2, 3);
        Assert.Single(sizes.Distinct());
        Assert.Equal(1_000, fixture.Store.Health.Records);
    }

    [Fact]
    public async Task What_was_written_before_a_checkpoint_is_in_it_while_writes_go_on()
    {
        await using var fixture = StoreFixture.Opened();
        var writes = new EndlessWrites(fixture, WrittenUsers);
        var writer = Task.Run(writes.Run, TestContext.Current.CancellationToken);
        for (var i = 0; i < 5; i++)
        {
            var before = writes.LastVersion;
            Assert.True(await fixture.Store.CheckpointAsync());
            AssertHolds(fixture.CheckpointFiles()[^1], before);
        }

        writes.Stop();
        await writer;
        Assert.True(writes.LastVersion > 1);
    }

    [Fact]
    public async Task A_disk_that_refuses_leaves_presence_served_and_says_so_until_it_is_mended()
    {
        await using var fixture = StoreFixture.Opened();
        fixture.Store.Write(fixture.Record(1, 1));
        Directory.Delete(fixture.Checkpoints, recursive: true);

        Assert.False(await fixture.Store.CheckpointAsync());
        Assert.Contains("checkpoint failed", fixture.Store.Health.Problem, StringComparison.Ordinal);
        fixture.Store.Write(fixture.Record(1, 2));
        Assert.Equal(2UL, (await fixture.ReadOneAsync(1)).Version);

        Directory.CreateDirectory(fixture.Checkpoints);
        Assert.True(await fixture.Store.CheckpointAsync());
        Assert.True(fixture.Store.Health.IsHealthy);
        await fixture.ReopenAsync();
        Assert.Equal(2UL, (await fixture.ReadOneAsync(1)).Version);
    }

    [Fact]
    public void Too_little_free_space_is_said_before_anything_is_written()
    {
        var error = Assert.Throws<IOException>(() => FreeSpaceGuard.Check(Path.GetTempPath(), long.MaxValue / 2));

        Assert.Contains("free", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_that_verifies_and_counts_less_than_nothing_is_damaged()
    {
        using var directory = new TemporaryDirectory();
        var sections = new long[] { 3, -1, 1 };
        var file = new byte[new CheckpointLayout(sections).FileBytes];
        var header = file.AsSpan(0, CheckpointFormat.HeaderBytes(sections.Length));
        CheckpointFormat.WriteHeader(header, new CheckpointHeader(1, 1, 1, sections), sequence: 1);
        File.WriteAllBytes(directory["1"], file);

        Assert.Throws<InvalidDataException>(() => new CheckpointReader(directory["1"], sequence: 1, new CheckpointDisk()));
    }

    private static void AssertHolds(string path, ulong version)
    {
        var keys = new HashSet<ulong>();
        foreach (var (key, record) in CheckpointContent.Read(path))
        {
            Assert.True(record.Version >= version, $"version {record.Version} of {key} is older than {version}");
            keys.Add(key);
        }

        var users = keys.Where(key => key < PackedRecord.CompanionBit).ToArray();
        Assert.All(users, user => Assert.Contains(user | PackedRecord.CompanionBit, keys));
        Assert.True(version == 0 || users.Length == WrittenUsers, $"{users.Length} users of {WrittenUsers} are in the checkpoint");
    }
}
