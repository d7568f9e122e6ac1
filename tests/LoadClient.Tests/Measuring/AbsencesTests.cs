using Presence.LoadClient.Measuring;
using Xunit;

namespace Presence.LoadClient.Tests.Measuring;

/// <summary>User 0 (id 100) loses its connection 10 s into the run; the hold is 15 s.</summary>
public sealed class AbsencesTests
{
    private readonly Absences _absences = new(users: 1, firstUser: 100) { Hold = TimeSpan.FromSeconds(15) };

    public AbsencesTests() => _absences.Lost(0, At(10));

    [Fact]
    public void Offline_within_the_hold_is_wrong_and_told()
    {
        Assert.False(_absences.SeenOffline(watcher: 7, 0, At(24.99)));
        Assert.Equal(1, _absences.FalseOfflines);
        Assert.Equal(
            "user 7 was told that user 100 is offline, 14.990 s after it was lost; it is held for 15 s", Assert.Single(_absences.Wrong));
    }

    [Fact]
    public void Offline_after_the_hold_is_right() => Assert.True(_absences.SeenOffline(7, 0, At(25)));

    [Fact]
    public void Offline_in_the_last_millisecond_is_right_as_the_server_counts_whole_ones()
    {
        Assert.False(_absences.SeenOffline(7, 0, At(24.998)));
        Assert.True(_absences.SeenOffline(7, 0, At(24.9995)));
    }

    [Fact]
    public void A_slot_extends_the_hold()
    {
        _absences.Paced(0, At(20));
        Assert.False(_absences.SeenOffline(7, 0, At(34.9)));
        Assert.True(_absences.SeenOffline(7, 0, At(35)));
    }

    [Fact]
    public void Who_is_back_within_the_hold_must_be_resumed()
    {
        _absences.Returned(0, isResumed: false, At(20));
        Assert.Equal((1, 0), (_absences.NotResumed, _absences.TooLate));
    }

    [Fact]
    public void Who_was_resumed_is_never_to_be_seen_offline()
    {
        _absences.Returned(0, isResumed: true, At(20));
        Assert.False(_absences.SeenOffline(7, 0, At(100)));
        Assert.Equal(0, _absences.SeenToGo(0));
    }

    [Fact]
    public void Who_was_seen_to_go_may_be_told_of_late()
    {
        _absences.Returned(0, isResumed: false, At(26));
        Assert.True(_absences.SeenOffline(7, 0, At(26.1)));
        Assert.Equal((0, 1, 1), (_absences.NotResumed, _absences.TooLate, _absences.SeenToGo(0)));
    }

    [Fact]
    public void Who_never_was_away_is_not_offline()
    {
        var absences = new Absences(users: 1, firstUser: 100) { Hold = TimeSpan.FromSeconds(15) };
        Assert.False(absences.SeenOffline(7, 0, At(100)));
        Assert.Contains("never was away", Assert.Single(absences.Wrong), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_judged_before_everybody_was_up() =>
        Assert.True(new Absences(users: 1, firstUser: 100).SeenOffline(7, 0, At(1)));

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
