using Presence.Server.Storage.Journal;
using Xunit;

namespace Presence.Server.Tests.Storage.Journal;

/// <summary>Segments begin and end by size and age, and go by both limits of the retention.</summary>
public sealed class RotationTests : IDisposable
{
    // More than half a block, so that each commit is about 40 KiB on disk.
    private const int RecordsOfCommit = 1_700;

    private readonly JournalFixture _journal = new();
    private ulong _version;

    public void Dispose() => _journal.Dispose();

    [Fact]
    public void A_segment_ends_before_it_is_overfull()
    {
        Fill(bytes: 3 << 20);
        Assert.InRange(_journal.SegmentFiles.Length, 3, 4);
        Assert.All(_journal.SegmentFiles, name => Assert.InRange(_journal.Files.LengthOf(name), 1, 1 << 20));
        _journal.Restart();
        Assert.Equal(_version, _journal.Read()[1].User.Version);
    }

    [Fact]
    public void A_segment_ends_when_it_is_old()
    {
        _journal.Put(1, 1);
        _journal.Time.Advance(_journal.Options.SegmentAge - TimeSpan.FromMilliseconds(1));
        _journal.Put(1, 2);
        Assert.Single(_journal.SegmentFiles);
        _journal.Time.Advance(TimeSpan.FromMilliseconds(1));
        _journal.Put(1, 3);
        Assert.Equal(2, _journal.SegmentFiles.Length);
    }

    [Fact]
    public void What_is_older_than_the_retention_goes()
    {
        HoursPass(100);

        // 1 day, by segments of a sixteenth of it that begin with the first record after their time: 2 h each.
        Assert.InRange(_journal.SegmentFiles.Length, 12, 14);
    }

    [Theory]
    [InlineData(12 * 365)]
    [InlineData(-12 * 365)]
    public void A_wall_clock_that_is_set_and_put_right_takes_nothing_and_keeps_nothing_for_long(int days)
    {
        HoursPass(48);
        string[] before = _journal.SegmentFiles;
        _journal.Time.AheadBy = TimeSpan.FromDays(days);
        HoursPass(1);
        Assert.Subset(_journal.SegmentFiles.ToHashSet(), before[3..].ToHashSet());

        _journal.Time.AheadBy = TimeSpan.Zero;
        HoursPass(48);
        Assert.InRange(_journal.SegmentFiles.Length, 12, 14);
    }

    [Fact]
    public void What_is_more_than_the_limit_of_bytes_goes()
    {
        for (int round = 0; round < 40; round++)
        {
            Fill(bytes: 1 << 20);
            Checkpoint();
            Assert.True(Bytes() <= _journal.Options.MaxBytes);
        }

        Assert.True(Bytes() > _journal.Options.MaxBytes / 2);
        Assert.False(_journal.Writer.AwaitsCheckpoint);
    }

    [Fact]
    public void What_no_checkpoint_holds_stays_and_a_checkpoint_is_asked_for()
    {
        int asked = 0;
        _journal.Checkpoints.Request = () => asked++;
        Checkpoint(number: 1);
        _journal.Put(2, 1);
        Fill(bytes: 20 << 20);
        _journal.Checkpoints.RequestIfWanted();
        _journal.Checkpoints.RequestIfWanted();
        Assert.Equal(1, asked);
        Assert.True(Bytes() > _journal.Options.MaxBytes);
        Checkpoint(number: 2);
        Fill(bytes: 2 << 20);
        _journal.Checkpoints.RequestIfWanted();
        Assert.Equal(1, asked);
        Assert.True(Bytes() <= _journal.Options.MaxBytes);
    }

    [Fact]
    public void What_is_older_than_the_retention_goes_though_nothing_changes_any_more()
    {
        ulong checkpoint = 1;
        _journal.Checkpoints.Request = () => Checkpoint(++checkpoint);
        Checkpoint(checkpoint);
        _journal.Put(1, 1);
        string last = Assert.Single(_journal.SegmentFiles);
        for (int hour = 0; hour < 30 * 24; hour++)
        {
            _journal.Lane().AppendWatermark(_journal.NowMs, clock: 1);
            _journal.Loop.Turn();
            _journal.Checkpoints.RequestIfWanted();
            Assert.True(hour >= 24 || _journal.SegmentFiles.Contains(last));
            Assert.InRange(_journal.SegmentFiles.Length, 1, 16);
            _journal.Time.Advance(TimeSpan.FromHours(1));
        }

        Assert.DoesNotContain(last, _journal.SegmentFiles);

        // One a day suffices: it holds all that was before it.
        Assert.InRange(checkpoint, 25UL, 35UL);
    }

    [Fact]
    public void Recovery_reads_from_the_segment_in_which_the_checkpoint_began()
    {
        _journal.Put(1, ++_version);
        NextSegment();
        _journal.Put(2, ++_version);
        _journal.Checkpoints.Begin(1);
        _journal.Put(3, ++_version);
        NextSegment();
        _journal.Put(4, ++_version);
        _journal.Checkpoints.Begin(2);
        _journal.Restart();
        Assert.Equal<ulong>([1, 2, 3, 4], _journal.Read(checkpoint: 0).Keys.Order());
        _journal.Restart();
        Assert.Equal<ulong>([2, 3, 4], _journal.Read(checkpoint: 1).Keys.Order());
        _journal.Restart();
        Assert.Equal([4UL], _journal.Read(checkpoint: 2).Keys.Order());
    }

    [Fact]
    public void Killed_again_before_its_first_checkpoint_a_process_has_lost_nothing_of_the_one_before()
    {
        Checkpoint(number: 5);
        _journal.Put(1, ++_version);
        _journal.Restart();
        Assert.Single(_journal.Read(checkpoint: 5));
        _journal.Put(2, ++_version);
        _journal.Restart();
        Assert.Equal<ulong>([1, 2], _journal.Read(checkpoint: 5).Keys.Order());
    }

    [Fact]
    public void The_number_of_a_checkpoint_that_did_not_end_may_be_used_again()
    {
        _journal.Put(1, ++_version);
        _journal.Checkpoints.Begin(1);
        NextSegment();
        _journal.Put(2, ++_version);
        _journal.Restart();
        _journal.Read(checkpoint: 0);
        _journal.Put(3, ++_version);
        _journal.Checkpoints.Begin(1);
        _journal.Put(4, ++_version);
        _journal.Restart();
        Assert.Equal<ulong>([3, 4], _journal.Read(checkpoint: 1).Keys.Order());
    }

    private long Bytes() => _journal.SegmentFiles.Sum(_journal.Files.LengthOf);

    private void HoursPass(int hours)
    {
        for (int hour = 0; hour < hours; hour++)
        {
            _journal.Put(1, ++_version);
            Checkpoint();
            _journal.Time.Advance(TimeSpan.FromHours(1));
        }
    }

    private void Fill(long bytes)
    {
        for (long written = 0; written < bytes; written += RecordsOfCommit * RecordFormat.MinBytes)
        {
            _version++;
            for (int i = 0; i < RecordsOfCommit; i++)
            {
                _journal.Append(1, _version);
            }

            _journal.Loop.Turn();
        }
    }

    private void NextSegment() => _journal.Time.Advance(_journal.Options.SegmentAge);

    private void Checkpoint(ulong number = 0)
    {
        number = number == 0 ? _version : number;
        _journal.Checkpoints.Begin(number);
        _journal.Checkpoints.End(number, oldestKept: number);
    }
}
