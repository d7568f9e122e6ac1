using Presence.Server.Storage.Journal;
using Xunit;

namespace Presence.Server.Tests.Storage.Journal;

/// <summary>A disk that is full, slow or broken: whoever waits is told, nothing that was acknowledged is lost, and it goes on by itself.</summary>
public sealed class FailingDiskTests : IDisposable
{
    private static readonly IOException _error = new("no space left on device");

    private readonly JournalFixture _journal = new();

    public void Dispose() => _journal.Dispose();

    [Fact]
    public void Nobody_is_told_before_the_sync()
    {
        _journal.Append(1, 1);
        TestCommit commit = _journal.Ask();
        Assert.Null(commit.IsDurable);
        _journal.Loop.Turn();
        Assert.True(commit.IsDurable);
        _journal.Files.LosePower();
        _journal.Restart();
        Assert.Equal(1UL, _journal.Read()[1].User.Version);
    }

    [Fact]
    public void All_shards_share_one_sync()
    {
        _journal.Put(9, 1);
        int before = _journal.Files.Syncs;
        TestCommit[] commits = [.. Enumerable.Range(0, 4).Select(shard =>
        {
            _journal.Append((ulong)shard + 1, 1, shard);
            return _journal.Ask(shard);
        })];
        _journal.Loop.Turn();
        Assert.All(commits, commit => Assert.True(commit.IsDurable));
        Assert.Equal(before + 1, _journal.Files.Syncs);
    }

    [Fact]
    public void A_commit_of_nothing_waits_for_no_disk()
    {
        _journal.Put(1, 1);
        int before = _journal.Files.Syncs;
        TestCommit commit = _journal.Ask();
        _journal.Loop.Turn();
        Assert.True(commit.IsDurable);
        Assert.Equal(before, _journal.Files.Syncs);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void After_an_error_a_fresh_segment_takes_what_was_not_durable(bool whileWriting)
    {
        Assert.True(_journal.Put(1, 1));
        _journal.Files.WrittenBeforeError = 20;
        Break(whileWriting);
        Assert.False(_journal.Put(2, 1));
        Assert.Equal(_error.Message, _journal.Loop.Failure);

        // The kernel may say now that all is well: that file is not asked again.
        Mend();
        Assert.False(_journal.Put(3, 1));
        _journal.LetRetryTimePass();
        _journal.Loop.Turn();
        Assert.Null(_journal.Loop.Failure);
        Assert.True(_journal.Put(4, 1));
        _journal.Files.LosePower();
        _journal.Restart();
        Assert.Equal<ulong>([1, 2, 3, 4], _journal.Read().Keys.Order());
        Assert.Equal(2, _journal.SegmentFiles.Length);
    }

    [Fact]
    public void While_it_fails_the_disk_is_tried_once_a_second_and_whoever_asks_is_told_at_once()
    {
        _journal.Put(1, 1);
        Break(whileWriting: true);
        Assert.False(_journal.Put(2, 1));
        for (int i = 0; i < 50; i++)
        {
            Assert.False(_journal.Put(3, (ulong)i + 1));
        }

        Assert.Equal(1, _journal.Loop.Failures);
        _journal.LetRetryTimePass();
        Assert.False(_journal.Put(3, 51));
        Assert.Equal(2, _journal.Loop.Failures);
    }

    [Fact]
    public void A_segment_that_cannot_be_begun_is_tried_under_another_number()
    {
        _journal.Files.SyncError = _error;
        Assert.False(_journal.Put(1, 1));
        _journal.Files.CreateError = _error;
        _journal.LetRetryTimePass();
        _journal.Loop.Turn();
        Mend();
        _journal.LetRetryTimePass();
        _journal.Loop.Turn();
        Assert.True(_journal.Put(2, 1));
        _journal.Restart();
        Assert.Equal<ulong>([1, 2], _journal.Read().Keys.Order());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void However_long_it_fails_it_leaves_no_files_behind(bool whileWriting)
    {
        Assert.True(_journal.Put(1, 1));
        Break(whileWriting);
        for (int second = 0; second < 100; second++)
        {
            Assert.False(_journal.Put(2, (ulong)second + 1));
            _journal.LetRetryTimePass();
        }

        Assert.Equal(100, _journal.Loop.Failures);
        Assert.Single(_journal.SegmentFiles);
        Mend();
        Assert.True(_journal.Put(3, 1));
        _journal.Restart();
        Assert.Equal<ulong>([1, 2, 3], _journal.Read().Keys.Order());
    }

    [Fact]
    public void A_disk_that_fills_up_is_left_its_reserve()
    {
        _journal.Files.FreeBytes = JournalWriter.ReserveBytes;
        Assert.False(_journal.Put(1, 1));
        Assert.Contains("free some space", _journal.Loop.Failure, StringComparison.Ordinal);
        Assert.Empty(_journal.SegmentFiles);
        _journal.Files.FreeBytes = JournalWriter.ReserveBytes * 2;
        _journal.LetRetryTimePass();
        Assert.True(_journal.Put(2, 1));
    }

    [Fact]
    public void A_segment_that_was_removed_under_us_is_written_anew()
    {
        _journal.Put(1, 1);
        _journal.Files.Delete(_journal.SegmentFiles[0]);
        _journal.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(_journal.Put(2, 1));
        _journal.LetRetryTimePass();
        Assert.True(_journal.Put(3, 1));
        _journal.Restart();
        Assert.Equal<ulong>([2, 3], _journal.Read().Keys.Order());
    }

    [Fact]
    public void Behind_a_slow_disk_the_newest_of_each_user_is_kept_and_the_rest_is_counted()
    {
        _journal.Limits = new LaneLimits(Blocks: 1, LateUsers: 100);
        ulong version = 0;
        while (_journal.Loop.Coalesced < 1_000)
        {
            version++;
            for (ulong user = 1; user <= 50; user++)
            {
                _journal.Append(user, version);
            }
        }

        Assert.Equal(50, _journal.Loop.Late);
        TestCommit commit = _journal.Ask();
        _journal.Loop.Turn();
        Assert.True(commit.IsDurable);
        Assert.Equal(0, _journal.Loop.Late);
        _journal.Restart();
        Dictionary<ulong, JournalRecord> read = _journal.Read();
        Assert.All(read.Values, record => Assert.Equal((version, null), (record.User.Version, record.Cause)));
        Assert.Equal(50, read.Count);
    }

    [Fact]
    public void What_is_left_out_is_acknowledged_only_when_a_checkpoint_holds_it()
    {
        _journal.Limits = new LaneLimits(Blocks: 1, LateUsers: 10);
        int asked = 0;
        _journal.Checkpoints.Request = () => asked++;
        for (ulong user = 1; _journal.Loop.LeftOut == 0; user++)
        {
            _journal.Append(user, 1);
        }

        Assert.False(_journal.Put(1, 2));
        _journal.Checkpoints.RequestIfWanted();
        Assert.Equal(1, asked);
        _journal.Checkpoints.Begin(1);
        Assert.False(_journal.Put(1, 3));
        _journal.Checkpoints.End(1, oldestKept: 1);
        Assert.True(_journal.Put(1, 4));
    }

    [Fact]
    public void What_is_left_out_while_a_checkpoint_is_written_is_not_in_it()
    {
        _journal.Limits = new LaneLimits(Blocks: 1, LateUsers: 10);
        _journal.Checkpoints.Begin(1);
        for (ulong user = 1; _journal.Loop.LeftOut == 0; user++)
        {
            _journal.Append(user, 1);
        }

        _journal.Checkpoints.End(1, oldestKept: 1);
        Assert.False(_journal.Put(1, 2));
    }

    [Fact]
    public void Whatever_fails_and_whenever_the_power_goes_what_was_acknowledged_is_there()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            using var journal = new JournalFixture();
            new AcknowledgedModel(journal, new Random(seed)).Run(steps: 200);
        }
    }

    private void Break(bool whileWriting)
    {
        if (whileWriting)
        {
            _journal.Files.WriteError = _error;
        }
        else
        {
            _journal.Files.SyncError = _error;
        }
    }

    private void Mend() => _journal.Files.WriteError = _journal.Files.SyncError = _journal.Files.CreateError = null;
}
