using Presence.LoadClient.Measuring;
using Xunit;

namespace Presence.LoadClient.Tests.Measuring;

/// <summary>User 0 (id 100), who stays away, and user 1 (id 101), who comes back, lose their connection 10 s into the run; the hold is 15 s.</summary>
public sealed class ComebacksTests
{
    private const int Leaver = 0, Other = 1, Bystander = 2;

    private readonly Comebacks _comebacks = new(users: 3, leavers: 1, firstUser: 100) { Hold = TimeSpan.FromSeconds(15) };

    public ComebacksTests()
    {
        _comebacks.Lost(Leaver, At(10));
        _comebacks.Lost(Other, At(10));
    }

    [Fact]
    public void Whoever_was_never_away_is_never_to_be_seen_offline()
    {
        _comebacks.SeenOffline(7, Bystander, At(100));
        Assert.Equal(1, _comebacks.SeenToGo);
        Assert.Equal("user 7 was told that user 102 is offline, 100.0 s into the run; it never was away", Assert.Single(_comebacks.Wrong));
    }

    [Fact]
    public void Whoever_is_held_is_not_to_be_seen_offline()
    {
        _comebacks.SeenOffline(7, Other, At(24.99));
        Assert.Equal(1, _comebacks.SeenToGo);
        Assert.Equal("user 7 was told that user 101 is offline, 14.990 s after it was lost; it is held for 15 s", Assert.Single(_comebacks.Wrong));
    }

    [Fact]
    public void Whoever_is_back_in_time_is_never_to_be_seen_offline()
    {
        _comebacks.Returned(Other, At(24.9));
        _comebacks.SeenOffline(7, Other, At(60));
        Assert.Equal((1, 0, 1, 0), (_comebacks.InTime, _comebacks.Late, _comebacks.SeenToGo, _comebacks.LateSeenToGo));
    }

    [Fact]
    public void Whoever_is_late_may_be_seen_offline_while_away_and_be_told_of_when_back()
    {
        _comebacks.SeenOffline(7, Other, At(25));
        _comebacks.Returned(Other, At(26));
        _comebacks.SeenOffline(8, Other, At(26.1));
        Assert.Equal((0, 1, 0, 2), (_comebacks.InTime, _comebacks.Late, _comebacks.SeenToGo, _comebacks.LateSeenToGo));
        Assert.Empty(_comebacks.Wrong);
    }

    [Fact]
    public void Lateness_is_over_with_the_next_loss()
    {
        _comebacks.Returned(Other, At(26));
        _comebacks.Lost(Other, At(30));
        _comebacks.Returned(Other, At(31));
        _comebacks.SeenOffline(7, Other, At(60));
        Assert.Equal(1, _comebacks.SeenToGo);
    }

    [Fact]
    public void A_slot_extends_the_hold()
    {
        _comebacks.Paced(Other, At(20));
        _comebacks.SeenOffline(7, Other, At(34.9));
        Assert.Equal(1, _comebacks.SeenToGo);
        _comebacks.Returned(Other, At(34.95));
        Assert.Equal(1, _comebacks.InTime);
    }

    [Fact]
    public void Whoever_stays_away_goes_when_the_hold_is_over_and_not_before()
    {
        _comebacks.SeenOffline(7, Leaver, At(24.9));
        _comebacks.SeenOffline(8, Leaver, At(25));
        Assert.Equal((1, 1, 0), (_comebacks.Left, _comebacks.GoneTooEarly, _comebacks.SeenToGo));
        Assert.Equal(2, _comebacks.GoneAfter.Summarize().Count);
        Assert.StartsWith("user 7 was told that user 100, who stays away, is offline 14.900 s after it was lost", Assert.Single(_comebacks.Wrong), StringComparison.Ordinal);
    }

    [Fact]
    public void Until_everybody_is_up_nothing_is_judged_and_nobody_stays_away()
    {
        var early = new Comebacks(users: 1, leavers: 1, firstUser: 100);
        early.Lost(0, At(1));
        early.SeenOffline(7, 0, At(2));
        Assert.False(early.HasLeft(0));
        Assert.Equal((0, 0, 0), (early.SeenToGo, early.GoneTooEarly, early.Left));
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
