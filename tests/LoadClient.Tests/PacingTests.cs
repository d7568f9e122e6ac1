using Presence.LoadClient.Commands;
using Presence.LoadClient.Fleets;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Pacing;
using Presence.V1;
using Xunit;

namespace Presence.LoadClient.Tests;

public sealed class PacingTests
{
    [Fact]
    public void A_late_pacer_takes_all_that_was_due_with_the_times_they_were_meant_for()
    {
        var pace = new OpenLoopPace(TimeSpan.FromSeconds(10), perSecond: 4);
        Assert.False(pace.TryTake(TimeSpan.FromSeconds(9.99), out _));
        List<double> taken = [];
        while (pace.TryTake(TimeSpan.FromSeconds(10.6), out TimeSpan intended))
        {
            taken.Add(intended.TotalSeconds);
        }

        Assert.Equal([10, 10.25, 10.5], taken);
        Assert.Equal(TimeSpan.FromSeconds(10.75), pace.Next);
    }

    [Fact]
    public void A_rate_of_zero_is_never()
    {
        var pace = new OpenLoopPace(TimeSpan.Zero, perSecond: 0);
        Assert.Null(pace.Next);
        Assert.False(pace.TryTake(TimeSpan.FromDays(1), out _));
    }

    [Fact]
    public void Everybody_flips_once_before_anybody_flips_twice()
    {
        var order = new FlipOrder(50, new Random(1));
        int[] round = [.. Enumerable.Range(0, 50).Select(_ => order.Next())];
        Assert.Equal(Enumerable.Range(0, 50), round.Order());
        Assert.NotEqual(Enumerable.Range(0, 50), round);
        Assert.Equal(round, Enumerable.Range(0, 50).Select(_ => order.Next()));
    }

    [Theory]
    [InlineData(500, 3_000, "5/30s", false)]
    [InlineData(501, 3_000, "5/30s", true)]
    [InlineData(1e6, 2, "0", false)]
    public void Flips_over_the_limit_of_the_server_are_told(double flips, int users, string limit, bool warns) =>
        Assert.Equal(warns, FlipOrder.WarningOf(flips, users, limit) is not null);

    [Fact]
    public void A_latency_counts_from_the_last_flip_to_that_status()
    {
        var truth = new Truth(users: 1);
        Assert.False(truth.TryGetIntended(0, Status.Online, out _));
        Assert.Equal(Status.Away, truth.Flip(0, TimeSpan.FromSeconds(1)));
        Assert.Equal(Status.Busy, truth.Flip(0, TimeSpan.FromSeconds(2)));
        Assert.True(truth.TryGetIntended(0, Status.Away, out TimeSpan intended));
        Assert.Equal(TimeSpan.FromSeconds(1), intended);
        Assert.False(truth.TryGetIntended(0, Status.Offline, out _));
        Assert.Equal(2, truth.Unacked);
        truth.Forget(0);
        Assert.Equal(0, truth.Unacked);
    }

    [Fact]
    public void Nobody_watches_itself_or_anybody_twice()
    {
        ulong[][] graph = WatchGraph.Draw(30, 29, firstUser: 5, new Random(3));
        for (int user = 0; user < 30; user++)
        {
            Assert.Equal(Enumerable.Range(5, 30).Where(id => id != user + 5).Select(static id => (ulong)id), graph[user]);
        }

        Assert.All(WatchGraph.CountWatchers(graph, firstUser: 5), static count => Assert.Equal(29, count));
    }

    [Theory]
    [InlineData("30s", 30)]
    [InlineData("1.5m", 90)]
    [InlineData("500ms", 0.5)]
    [InlineData("2h", 7_200)]
    [InlineData("00:01:00", 60)]
    public void Durations_are_read_as_people_type_them(string text, double seconds)
    {
        Assert.True(Durations.TryParse(text, out TimeSpan duration));
        Assert.Equal(seconds, duration.TotalSeconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("30")]
    [InlineData("-1s")]
    [InlineData("0s")]
    [InlineData("1e9h")]
    [InlineData("99999999999999h")]
    [InlineData("00:00:00")]
    public void What_is_no_duration_is_refused(string text) => Assert.False(Durations.TryParse(text, out _));
}
