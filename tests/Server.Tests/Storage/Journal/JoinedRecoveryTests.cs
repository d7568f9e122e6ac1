using Presence.Engine;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;
using Xunit;

namespace Presence.Server.Tests.Storage.Journal;

/// <summary>Checkpoint and journal together, while the one is loaded in the background and the other has been read: of each user the newest is known, and no other.</summary>
public sealed class JoinedRecoveryTests : IAsyncDisposable
{
    // Than the checkpoint, which is of now.
    private const long LaterMs = 4_000_000_000_000;

    private readonly JournaledStores _stores = new();
    private readonly DiskJournal _journal;
    private readonly LastActiveStore _store;
    private readonly IJournalLane _lane;

    public JoinedRecoveryTests()
    {
        (_journal, _store) = _stores.Open("data");
        _lane = _journal.Open(0);
    }

    public ValueTask DisposeAsync() => _stores.DisposeAsync();

    [Fact]
    public async Task What_must_be_known_of_the_whole_is_known_before_anything_is_loaded()
    {
        Keep(1, version: 5);
        Assert.True(await _store.CheckpointAsync());
        Keep(1, version: 9);
        Keep(2, version: 3);
        _lane.AppendWatermark(LaterMs, clock: 1_000);
        await KillAsync();

        using var disk = new GatedDisk();
        (_, LastActiveStore found) = _stores.BeginOpen("killed", disk);
        found.Load();
        Assert.False(found.IsLoaded(1));
        Assert.Equal(1_000UL, found.MaxVersion);
        Assert.Equal(LaterMs, found.LastWatermarkMs);
        disk.Open();
        await found.Loaded;
        Assert.Equal([9UL, 3UL], await VersionsAsync(found, 1, 2));

        // It is in the next checkpoint, though nobody has written anything.
        Assert.True(await found.CheckpointAsync());
        Assert.Equal(2, Directory.GetFiles(_stores["killed/last-active"], "*.ckpt").Length);
    }

    [Fact]
    public async Task What_is_written_while_it_loads_is_newer_than_both()
    {
        Keep(1, version: 5);
        Assert.True(await _store.CheckpointAsync());
        Keep(1, version: 9);
        await KillAsync();

        using var disk = new GatedDisk();
        (_, LastActiveStore found) = _stores.BeginOpen("killed", disk);
        found.Load();
        found.Write(JournalFixture.Entry(1, 12).User);
        disk.Open();
        await found.Loaded;
        Assert.Equal([12UL], await VersionsAsync(found, 1));
    }

    [Fact]
    public async Task An_older_record_of_the_journal_never_takes_the_place_of_a_newer_one()
    {
        Keep(1, version: 2);
        _store.Write(JournalFixture.Entry(1, 7).User);
        Assert.True(await _store.CheckpointAsync());
        Keep(2, version: 3);
        await KillAsync();

        (_, LastActiveStore found) = _stores.Open("killed");
        Assert.Equal([7UL, 3UL], await VersionsAsync(found, 1, 2));
    }

    [Fact]
    public async Task Where_the_newest_checkpoint_is_damaged_the_journal_has_what_came_behind_the_one_before()
    {
        Keep(1, version: 1);
        Keep(2, version: 1);
        Assert.True(await _store.CheckpointAsync());
        Keep(1, version: 2);
        Assert.True(await _store.CheckpointAsync());
        await KillAsync();
        string newest = Directory.GetFiles(_stores["killed/last-active"], "*.ckpt").Order().Last();
        Damage(newest);

        (_, LastActiveStore found) = _stores.Open("killed");
        Assert.Equal([2UL, 1UL], await VersionsAsync(found, 1, 2));
        Assert.True(File.Exists(newest + ".damaged"));
    }

    [Fact]
    public async Task Where_the_newest_checkpoint_is_gone_the_journal_has_what_came_behind_the_one_before()
    {
        Keep(1, version: 1);
        Keep(2, version: 1);
        Assert.True(await _store.CheckpointAsync());
        Keep(1, version: 2);
        Assert.True(await _store.CheckpointAsync());
        await KillAsync();
        File.Delete(Directory.GetFiles(_stores["killed/last-active"], "*.ckpt").Order().Last());

        (_, LastActiveStore found) = _stores.Open("killed");
        Assert.Equal([2UL, 1UL], await VersionsAsync(found, 1, 2));
    }

    // Every block, not the header: it is found while the node serves already.
    private static void Damage(string checkpoint)
    {
        long[] places;
        using (CheckpointReader reader = CheckpointContent.Open(checkpoint))
        {
            places = [.. Enumerable.Range(0, reader.Header.Sections.Count).Where(section => reader.Layout.BlocksOf(section) > 0)
                .Select(section => reader.Layout.BlockOf(section, 0).Offset + CheckpointFormat.HeadBytes)];
        }

        Assert.NotEmpty(places);
        using FileStream stream = File.Open(checkpoint, FileMode.Open);
        foreach (long place in places)
        {
            stream.Position = place;
            int before = stream.ReadByte();
            stream.Position = place;
            stream.WriteByte((byte)~before);
        }
    }

    private static async Task<IEnumerable<ulong>> VersionsAsync(LastActiveStore store, params ulong[] users)
    {
        var read = new TestRead(users);
        store.Read(read);
        return (await read.Answer).Select(record => record.Version);
    }

    private void Keep(ulong user, ulong version)
    {
        _store.Write(JournalFixture.Entry(user, version).User);
        _lane.Append(JournalFixture.Entry(user, version));
    }

    private async Task KillAsync()
    {
        Assert.True(await JournaledStores.CommitAsync(_lane));
        _stores.CopyAsOfNow("data", "killed");
    }
}
