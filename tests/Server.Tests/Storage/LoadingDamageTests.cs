using Presence.Engine;
using Presence.Server.Storage;
using Xunit;

namespace Presence.Server.Tests.Storage;

/// <summary>Damage that is found while the store serves already is mended as it is at start, and what cannot be mended is not passed over.</summary>
public sealed class LoadingDamageTests : IDisposable
{
    private const int Users = ManyUsers.Count;
    private const ulong Version = ManyUsers.Version;

    private readonly GatedDisk _disk = new();

    public void Dispose() => _disk.Dispose();

    [Fact]
    public async Task A_damaged_block_found_late_is_mended_from_the_file_before_and_takes_no_other_with_it()
    {
        await using StoreFixture fixture = await ManyUsers.StoredTwiceAsync();
        string newest = fixture.CheckpointFiles()[^1];
        HashSet<ulong> damaged = FlipByteInBlock(newest, 1);
        fixture.BeginOpen(_disk);
        fixture.Store.Load();
        Assert.False(fixture.Store.IsLoaded(1));
        _disk.Open();
        await fixture.Store.Loaded;

        Assert.Equal(CheckpointFormat.MaxEntries, damaged.Count);
        await ManyUsers.AssertAsync(fixture, user => damaged.Contains(user) ? Version + user : Version + 1 + user);
        Assert.True(File.Exists(newest + ".damaged"));
        Assert.True(await fixture.Store.CheckpointAsync());
        Assert.Equal(2, fixture.CheckpointFiles().Length);
    }

    [Fact]
    public async Task So_is_a_block_that_the_disk_cannot_read()
    {
        await using StoreFixture fixture = await ManyUsers.StoredTwiceAsync();
        string newest = fixture.CheckpointFiles()[^1];
        using (CheckpointReader reader = CheckpointContent.Open(newest))
        {
            _disk.FailOnce(reader.Layout.BlockOf(0, 2).Offset);
        }

        fixture.BeginOpen(_disk);
        fixture.Store.Load();
        _disk.Open();
        await fixture.Store.Loaded;

        UserRecord[] records = await fixture.ReadAsync([.. ManyUsers.All]);
        Assert.Equal(CheckpointFormat.MaxEntries, records.Count(record => record.Version == Version + record.UserId));
        Assert.Equal(Users - CheckpointFormat.MaxEntries, records.Count(record => record.Version == Version + 1 + record.UserId));
        Assert.True(File.Exists(newest + ".damaged"));
    }

    [Fact]
    public async Task What_was_written_again_under_its_version_is_not_taken_from_the_file_before()
    {
        await using StoreFixture fixture = await ManyUsers.StoredAsync();
        long beforeMs = fixture.NowMs;
        fixture.Time.Advance(TimeSpan.FromHours(1));
        fixture.Open();
        ManyUsers.Write(fixture, Version);
        await fixture.CloseAsync();
        HashSet<ulong> damaged = FlipByteInBlock(fixture.CheckpointFiles()[^1], 1);
        fixture.Open();

        UserRecord[] records = await fixture.ReadAsync([.. ManyUsers.All]);
        Assert.All(records, record => Assert.Equal(damaged.Contains(record.UserId) ? beforeMs : fixture.NowMs, record.LastActiveMs));
    }

    [Fact]
    public async Task When_nothing_mends_a_block_loading_fails_and_every_file_stays()
    {
        await using StoreFixture fixture = await ManyUsers.StoredTwiceAsync();
        foreach (string file in fixture.CheckpointFiles())
        {
            FlipByteInBlock(file, 1);
        }

        fixture.BeginOpen(_disk);
        fixture.Store.Load();
        fixture.Store.Write(fixture.Record(1, ulong.MaxValue));
        _disk.Open();
        var error = await Assert.ThrowsAsync<StoreDamagedException>(() => fixture.Store.Loaded);
        Assert.Contains(fixture.Checkpoints, error.Message, StringComparison.Ordinal);
        Assert.False(fixture.Store.IsLoaded(1));
        await fixture.CloseAsync();
        Assert.Equal(2, fixture.CheckpointFiles().Length);
        Assert.DoesNotContain(Directory.GetFiles(fixture.Checkpoints), file => file.EndsWith(".damaged", StringComparison.Ordinal));
    }

    /// <returns>Who is in the block.</returns>
    private static HashSet<ulong> FlipByteInBlock(string path, long number)
    {
        var buffer = new byte[CheckpointFormat.MaxBlockBytes];
        CheckpointLayout.Block block;
        HashSet<ulong> users = [];
        using (CheckpointReader reader = CheckpointContent.Open(path))
        {
            block = reader.Layout.BlockOf(0, number);
            for (ReadOnlySpan<byte> entries = reader.ReadBlock(block, buffer); !entries.IsEmpty; entries = entries[CheckpointFormat.EntryBytes..])
            {
                users.Add(CheckpointFormat.ReadEntry(entries).Key);
            }
        }

        using FileStream file = File.OpenWrite(path);
        file.Position = block.Offset + (CheckpointFormat.MaxBlockBytes / 2);
        file.WriteByte((byte)~buffer[CheckpointFormat.MaxBlockBytes / 2]);
        return users;
    }
}
