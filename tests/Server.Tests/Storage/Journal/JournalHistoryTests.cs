using Presence.Engine;
using Presence.Server.Storage.Journal;
using Xunit;

namespace Presence.Server.Tests.Storage.Journal;

/// <summary>What the journal has of one user, the newest first.</summary>
public sealed class JournalHistoryTests : IDisposable
{
    private const int MinuteMs = 60_000;

    private readonly JournalFixture _journal = new();
    private readonly long _begunMs;

    public JournalHistoryTests() => _begunMs = _journal.NowMs;

    public void Dispose() => _journal.Dispose();

    [Fact]
    public void All_of_the_user_and_of_nobody_else_comes_over_segments_and_processes()
    {
        for (int minute = 0; minute < 300; minute++)
        {
            PutAt(minute, user: 1 + (ulong)(minute % 3));
            if (minute % 100 == 99)
            {
                _journal.Restart();
            }
        }

        Assert.True(_journal.SegmentFiles.Length > 3);
        UserHistory history = Of(2, sinceMinute: 0, most: 1_000);
        Assert.Equal(Enumerable.Range(0, 300).Where(static minute => minute % 3 == 1).Reverse(), history.NewestFirst.Select(MinuteOf));
        Assert.Equal(_begunMs, history.ReadSinceMs);
        Assert.False(history.HasHoles);
    }

    [Fact]
    public void No_more_come_than_are_asked_for_and_none_from_before()
    {
        for (int minute = 0; minute < 600; minute++)
        {
            PutAt(minute, user: 1);
        }

        Assert.Equal([599, 598], Of(1, sinceMinute: 0, most: 2).NewestFirst.Select(MinuteOf));
        UserHistory recent = Of(1, sinceMinute: 590, most: 1_000);
        Assert.Equal(Enumerable.Range(590, 10).Reverse(), recent.NewestFirst.Select(MinuteOf));
        Assert.InRange(recent.ReadSinceMs, _begunMs + (400L * MinuteMs), _begunMs + (590L * MinuteMs));
    }

    [Fact]
    public void Nothing_is_read_where_there_is_nothing() => Assert.Equal((0, long.MaxValue), (Of(1, 0, 10).NewestFirst.Count, Of(1, 0, 10).ReadSinceMs));

    [Fact]
    public void Damage_is_told_and_costs_what_it_hit()
    {
        PutAt(0, user: 1);
        PutAt(1, user: 1);
        PutAt(2, user: 1);
        string segment = _journal.SegmentFiles[0];
        byte[] bytes = _journal.Files[segment];
        // In the second of three equal blocks.
        bytes[SegmentHeader.Bytes + ((bytes.Length - SegmentHeader.Bytes) / 2)] ^= 1;
        _journal.Files[segment] = bytes;
        UserHistory history = Of(1, sinceMinute: 0, most: 10);
        Assert.Equal([2, 0], history.NewestFirst.Select(MinuteOf));
        Assert.True(history.HasHoles);
    }

    private void PutAt(int minute, ulong user)
    {
        Assert.True(_journal.Put(user, (ulong)_journal.NowMs << 16));
        _journal.Time.Advance(TimeSpan.FromMinutes(1));
    }

    private UserHistory Of(ulong user, int sinceMinute, int most) => new JournalHistory(_journal.Tail, _journal.Files).Of(
        user, _begunMs + ((long)sinceMinute * MinuteMs), most, TestContext.Current.CancellationToken);

    private int MinuteOf(JournalRecord record) => (int)((VersionClock.MsOf(record.User.Version) - _begunMs) / MinuteMs);
}
