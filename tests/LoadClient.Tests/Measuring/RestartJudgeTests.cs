using Presence.LoadClient.Connections;
using Presence.LoadClient.Measuring;
using Presence.V1;
using Xunit;

namespace Presence.LoadClient.Tests.Measuring;

/// <summary>Users 100 and 101; 100 stays away. The server is lost 10 s into the run, is back at 12 s, and waits 8 s for its users. Its clock says 1,000,000 ms at 0 s.</summary>
public sealed class RestartJudgeTests
{
    private const ulong Watcher = 7;
    private const int Leaver = 0;
    private const int Other = 1;
    private const ulong Acked = 50;

    private readonly Truth _truth = new(users: 2);
    private readonly RestartJudge _judge;

    public RestartJudgeTests()
    {
        _judge = new RestartJudge(_truth, users: 2, leavers: 1);
        _judge.Returned(Leaver, serverTimeMs: 1_000_900, At(1));
        _judge.Returned(Other, serverTimeMs: 1_001_000, At(1));
        _judge.RecoversFor = TimeSpan.FromSeconds(8);
        _truth.Flip(Other, At(5));
        _truth.Acked(Other, Acked);
    }

    [Fact]
    public void Who_is_as_it_said_is_no_transition_though_the_watcher_had_not_heard_of_it()
    {
        Restart();
        See(Other, Acked, Status.Away, isNews: true);
        AssertNothingWrong();
    }

    [Theory]
    [InlineData(Acked, Status.Online)]
    [InlineData(Acked + 1, Status.Away)]
    public void Any_other_change_is_a_transition(ulong version, Status status)
    {
        Restart();
        See(Other, version, status, isNews: true);
        Assert.Equal((1, 0), (_judge.Transitions, _judge.LostChanges));
        Assert.Contains("user 7 was told that user 101 is", Assert.Single(_judge.Wrong), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_older_version_than_the_acknowledged_is_a_change_that_was_lost(bool isNews)
    {
        Restart();
        See(Other, Acked - 1, Status.Online, isNews);
        Assert.Equal((0, 1), (_judge.Transitions, _judge.LostChanges));
    }

    [Fact]
    public void What_was_under_way_at_the_loss_may_have_happened_or_not()
    {
        _truth.Flip(Other, At(9));
        Restart();
        Assert.True(_judge.Returned(Other, 1_013_000, At(13)));
        See(Other, Acked - 1, Status.Busy, isNews: true);
        See(Other, Acked + 9, Status.Busy, isNews: true);
        AssertNothingWrong();
    }

    [Fact]
    public void What_comes_on_an_older_connection_was_said_before()
    {
        Restart();
        _judge.Seen(Watcher, Other, new SeenEntry(101, Acked + 1, Status.Busy), isBack: false, isNews: true, At(13));
        AssertNothingWrong();
    }

    [Fact]
    public void Between_two_restarts_users_change_as_they_like()
    {
        Restart();
        _judge.Forget();
        See(Other, Acked + 1, Status.Busy, isNews: true);
        AssertNothingWrong();
    }

    [Theory]
    [InlineData(Other, true)]
    [InlineData(Leaver, false)]
    public void Who_is_told_as_offline_and_did_not_go_is_wrong(int user, bool isLast)
    {
        Restart(isLast);
        See(user, 60, Status.Offline, isNews: true, at: 20.5, lastActiveMs: 1_010_000);
        Assert.Equal((1, 0), (_judge.FalseOfflines, _judge.Gone));
    }

    [Theory]
    [InlineData(17.9, 1, 0)]
    [InlineData(18.0, 0, 0)]
    [InlineData(21.0, 0, 0)]
    [InlineData(21.1, 0, 1)]
    public void Who_stays_away_goes_at_its_time(double at, long tooEarly, long tooLate)
    {
        Restart();
        See(Leaver, 60, Status.Offline, isNews: true, at, lastActiveMs: 1_009_000);
        Assert.Equal((1, tooEarly, tooLate), (_judge.Gone, _judge.GoneTooEarly, _judge.GoneTooLate));
        Assert.Equal((0, -1_000.0), (_judge.WrongLastActive, _judge.FarthestLastActiveMs));
    }

    [Theory]
    [InlineData(1_008_000UL, 0)]
    [InlineData(1_007_999UL, 1)]
    [InlineData(1_012_001UL, 1)]
    [InlineData(0UL, 1)]
    public void It_was_last_active_when_the_server_was_lost(ulong lastActiveMs, long wrong)
    {
        Restart();
        See(Leaver, 60, Status.Offline, isNews: true, at: 20, lastActiveMs);
        Assert.Equal(wrong, _judge.WrongLastActive);
    }

    [Fact]
    public void Nothing_is_judged_before_everybody_was_up()
    {
        _judge.RecoversFor = TimeSpan.Zero;
        See(Other, 0, Status.Offline, isNews: true);
        AssertNothingWrong();
    }

    private void Restart(bool isLast = true)
    {
        _judge.Lost(Leaver, isLast, At(10));
        _judge.Lost(Other, isLast, At(10.2));
        _truth.Forget(Other);
        _judge.Returned(Other, 1_012_000, At(12));
    }

    private void See(int user, ulong version, Status status, bool isNews, double at = 13, ulong lastActiveMs = 0) =>
        _judge.Seen(Watcher, user, new SeenEntry(100 + (ulong)user, version, status, lastActiveMs), isBack: true, isNews, At(at));

    private void AssertNothingWrong()
    {
        Assert.Equal((0, 0, 0), (_judge.Transitions, _judge.LostChanges, _judge.FalseOfflines));
        Assert.Empty(_judge.Wrong);
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
