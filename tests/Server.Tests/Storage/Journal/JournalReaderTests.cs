using Microsoft.Extensions.Logging.Abstractions;
using Presence.Engine;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;
using Xunit;

namespace Presence.Server.Tests.Storage.Journal;

/// <summary>The journal read in order while it is written: all of it once, nothing that is not durable, and no hole passed over in silence.</summary>
public sealed class JournalReaderTests : IDisposable
{
    private readonly JournalFixture _journal = new();

    public void Dispose() => _journal.Dispose();

    [Fact]
    public void All_comes_in_order_over_segments_blocks_and_processes()
    {
        JournalPosition start = Start();
        ulong version = 1;
        for (int process = 0; process < 2; process++)
        {
            for (int commit = 0; commit < 60; commit++)
            {
                // From one record to several blocks.
                for (int record = 0; record < 1 + (commit * 100); record++)
                {
                    _journal.Append(7, ++version);
                }

                Assert.True(_journal.Commit());
            }

            _journal.Restart();
        }

        Assert.True(_journal.SegmentFiles.Length > 4);
        Assert.Equal(Enumerable.Range(2, (int)version - 1).Select(static number => (ulong)number), ReadAll(start).Select(static placed => placed.Record.User.Version));
    }

    [Fact]
    public void From_behind_any_record_the_rest_comes()
    {
        JournalPosition start = Start();
        for (ulong version = 2; version <= 300; version++)
        {
            _journal.Append(1 + (version % 5), version);
            if (version % 7 == 0)
            {
                Assert.True(_journal.Commit());
            }

            if (version % 100 == 0)
            {
                Assert.True(_journal.Commit());
                _journal.Restart();
            }
        }

        Assert.True(_journal.Commit());
        List<PlacedRecord> all = ReadAll(start);
        Assert.Equal(299, all.Count);
        for (int i = 0; i < all.Count; i++)
        {
            Assert.True(JournalPosition.TryParse(all[i].Behind.ToString(), out JournalPosition position));
            Assert.Equal(all[(i + 1)..].Select(static placed => placed.Record.User), ReadAll(position).Select(static placed => placed.Record.User));
        }
    }

    [Fact]
    public void What_is_not_durable_is_not_read()
    {
        JournalReader reader = _journal.ReaderFrom(Start());
        _journal.Files.SyncError = new IOException("no");
        Task news = _journal.Tail.News();
        _journal.Append(1, 2);
        Assert.False(_journal.Commit());
        List<PlacedRecord> records = [];
        Assert.Equal(JournalReadResult.End, reader.Read(records));

        _journal.Files.SyncError = null;
        _journal.LetRetryTimePass();
        Assert.True(_journal.Put(1, 3));
        Assert.True(news.IsCompleted);
        Read(reader, records);
        Assert.Equal([2UL, 3UL], records.Select(static placed => placed.Record.User.Version));
    }

    [Fact]
    public void What_is_past_the_retention_is_gone()
    {
        JournalPosition start = Start();
        _journal.Writer.KeepSince(2);
        _journal.Writer.CheckpointBegins(1);
        for (ulong day = 2; day <= 4; day++)
        {
            Assert.True(_journal.Put(1, day));
            _journal.Time.Advance(TimeSpan.FromDays(1));
        }

        Assert.True(_journal.Put(1, 5));
        Assert.Equal(JournalReadResult.Gone, _journal.ReaderFrom(start).Read([]));
    }

    [Fact]
    public void A_place_that_is_none_is_gone()
    {
        JournalPosition start = Start();
        _journal.Put(1, 2);
        _journal.Put(1, 3);
        JournalPosition[] none =
        [
            start with { Segment = 9 },
            start with { BegunMs = start.BegunMs + 1 },
            start with { Offset = start.Offset + 8 },
            start with { Offset = start.Offset + 1 },
            start with { Offset = 1 << 30 },
            start with { Record = 1 },
            start with { Record = int.MaxValue },
        ];
        Assert.All(none, position => Assert.Equal(JournalReadResult.Gone, _journal.ReaderFrom(position).Read([])));
    }

    [Theory]
    [InlineData("")]
    [InlineData("latest")]
    [InlineData("1-2-3")]
    [InlineData("1-2-128-0-0")]
    [InlineData("1-2-127-0")]
    [InlineData("-1-2-128-0")]
    [InlineData("1-2-128-+0")]
    [InlineData("1-2-128- 0")]
    [InlineData("1-2-128-0\0")]
    [InlineData("99999999999999999999-2-128-0")]
    public void What_is_no_position_is_not_parsed(string text) => Assert.False(JournalPosition.TryParse(text, out _));

    [Fact]
    public void Damage_is_told_after_all_in_front_of_it()
    {
        JournalPosition start = Start();
        _journal.Put(1, 2);
        JournalPosition damaged = ReadAll(start)[^1].Behind;
        _journal.Put(1, 3);
        _journal.Put(1, 4);
        string segment = _journal.SegmentFiles[0];
        byte[] bytes = _journal.Files[segment];
        bytes[damaged.Offset + BlockFormat.HeadBytes] ^= 1;
        _journal.Files[segment] = bytes;

        JournalReader reader = _journal.ReaderFrom(start);
        List<PlacedRecord> records = [];
        Assert.Equal(JournalReadResult.Records, reader.Read(records));
        Assert.Equal(JournalReadResult.Gone, reader.Read(records));
        Assert.Equal(2UL, Assert.Single(records).Record.User.Version);
    }

    [Fact]
    public void A_segment_that_somebody_removes_is_gone()
    {
        JournalPosition start = Start();
        _journal.Put(1, 2);
        _journal.Files.Delete(_journal.SegmentFiles[0]);
        Assert.Equal(JournalReadResult.Gone, _journal.ReaderFrom(start).Read([]));
    }

    [Fact]
    public void A_segment_that_was_removed_while_no_process_ran_is_no_place_to_pass_over()
    {
        JournalPosition start = Start();
        for (ulong process = 2; process <= 4; process++)
        {
            _journal.Put(1, process);
            _journal.Restart();
        }

        string[] segments = _journal.SegmentFiles;
        _journal.Files.Delete(segments[^2]);
        _journal.Restart();
        JournalReader reader = _journal.ReaderFrom(start);
        List<PlacedRecord> records = [];
        Assert.Equal(JournalReadResult.Gone, ReadOn(reader, records));
        Assert.Equal(2UL, Assert.Single(records).Record.User.Version);
        Assert.Equal(JournalReadResult.Gone, reader.Read([]));
    }

    [Fact]
    public void Where_changes_were_left_out_is_a_hole()
    {
        _journal.Dispose();
        _journal.Limits = new LaneLimits(Blocks: 1, LateUsers: 3);
        _journal.Restart();
        JournalPosition start = Start();
        ulong version = 1;
        FillBlock(ref version);
        ulong inBlock = version;
        _journal.Append(1, ++version);
        _journal.Append(2, ++version);
        _journal.Append(3, ++version);
        Assert.False(_journal.Commit());
        Assert.Equal(1, _journal.Loop.LeftOut);

        JournalReader reader = _journal.ReaderFrom(start);
        List<PlacedRecord> records = [];
        Assert.Equal(JournalReadResult.Gone, ReadOn(reader, records));
        Assert.Equal((long)inBlock - 1 + 2, records.Count);
        Assert.Equal([1UL, 2UL], records[^2..].Select(static placed => placed.Record.User.UserId));
        Assert.Equal(JournalReadResult.Gone, _journal.ReaderFrom(records[^1].Behind).Read([]));

        // Behind it all is well again.
        JournalPosition behind = _journal.Tail.Extent.End!.Value;
        _journal.Put(9, ++version);
        Assert.Equal(9UL, Assert.Single(ReadAll(behind)).Record.User.UserId);
    }

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(0, 2, false)]
    [InlineData(100, 0, true)]
    [InlineData(0, 3, true)]
    public async Task A_process_that_finds_less_than_was_decided_begins_with_a_hole(int tornBytes, ulong highestOfCheckpoints, bool isHole)
    {
        JournalPosition start = Start();
        _journal.Put(1, 2);
        string segment = _journal.SegmentFiles[0];
        _journal.Files[segment] = [.. _journal.Files[segment], .. Enumerable.Repeat((byte)1, tornBytes)];
        await using DiskJournal next = DiskJournal.Open(_journal.Files, "/journal", _journal.Options, new UserHash(7), _journal.Time, NullLogger.Instance);
        ((ICheckpointedJournal)next).Recover(newest: 0, fallback: 0, highestOfCheckpoints, static _ => { });
        JournalReader reader = next.ReadFrom(start);
        List<PlacedRecord> records = [];
        Assert.Equal(JournalReadResult.End, ReadOn(reader, records));

        Task news = next.Tail.News();
        IJournalLane lane = next.Open(0);
        lane.Append(JournalFixture.Entry(1, 9));
        Assert.True(await JournaledStores.CommitAsync(lane));
        await news;
        Assert.Equal(isHole ? JournalReadResult.Gone : JournalReadResult.End, ReadOn(reader, records));
        Assert.Equal(isHole ? [2UL] : [2UL, 9UL], records.Select(static placed => placed.Record.User.Version));
    }

    [Fact]
    public void Who_hides_while_the_disk_is_behind_is_seen_to_go_and_nothing_more()
    {
        _journal.Dispose();
        _journal.Limits = new LaneLimits(Blocks: 1, LateUsers: 100);
        _journal.Restart();
        JournalPosition start = Start();
        ulong version = 1;
        FillBlock(ref version);
        int inBlock = (int)version - 1;
        JournalEntry hides = Hidden(user: 1, version: 9_999_999);
        _journal.Lane().Append(hides with { IsVisible = true });
        _journal.Lane().Append(hides);
        _journal.Lane().Append(Hidden(user: 2, version: 5));
        Assert.True(_journal.Commit());
        Assert.Equal(
            [(1UL, true), (2UL, false)],
            ReadAll(start)[inBlock..].Select(static placed => (placed.Record.User.UserId, placed.Record.IsVisible)));
    }

    private static JournalEntry Hidden(ulong user, ulong version) =>
        new(new UserRecord(user, version, 1_000, 2_000, 0, UserRecordFlags.Invisible), TransitionCause.Explicit, IsVisible: false, Text: null);

    // Behind the first record, so that there is a place.
    private JournalPosition Start()
    {
        Assert.True(_journal.Put(1, 1));
        return _journal.Tail.Extent.End!.Value;
    }

    // The first that does not fit is late.
    private void FillBlock(ref ulong version)
    {
        do
        {
            _journal.Append(100, ++version);
        }
        while (_journal.Lane().Late == 0);
    }

    private List<PlacedRecord> ReadAll(JournalPosition from)
    {
        List<PlacedRecord> records = [];
        Read(_journal.ReaderFrom(from), records);
        return records;
    }

    private static void Read(JournalReader reader, List<PlacedRecord> records) => Assert.Equal(JournalReadResult.End, ReadOn(reader, records));

    private static JournalReadResult ReadOn(JournalReader reader, List<PlacedRecord> records)
    {
        JournalReadResult read = JournalReadResult.Records;
        while (read == JournalReadResult.Records)
        {
            read = reader.Read(records);
        }

        return read;
    }
}
