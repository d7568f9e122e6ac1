using Presence.LoadClient.Connections;
using Presence.LoadClient.Measuring;
using Presence.V1;
using Xunit;

namespace Presence.LoadClient.Tests.Measuring;

/// <summary>User 0 (id 100) watches user 1 (id 101), who has flipped to AWAY with version 7.</summary>
public sealed class ViewComparerTests
{
    private const ulong FirstUser = 100;

    private readonly Truth _truth = new(users: 2);
    private readonly View _view = new([FirstUser + 1]);
    private bool _isUp = true;

    public ViewComparerTests()
    {
        _truth.Flip(1, TimeSpan.FromSeconds(1));
        _truth.Acked(1, version: 7);
    }

    [Fact]
    public void The_truth_is_right() => Assert.Equal(0, See(7, Status.Away).Wrong);

    [Fact]
    public void Another_status_is_wrong_and_named()
    {
        Comparison comparison = See(7, Status.Online);
        Assert.Equal(1, comparison.Wrong);
        Assert.Equal(new WrongView(100, 101, "Online version 7", "Away version 7"), Assert.Single(comparison.First));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(8)]
    public void The_right_status_of_another_version_is_wrong(ulong version) => Assert.Equal(1, See(version, Status.Away).Wrong);

    [Fact]
    public void Nothing_seen_is_wrong()
    {
        Comparison comparison = Compare();
        Assert.Equal("nothing", Assert.Single(comparison.First).Sees);
    }

    [Fact]
    public void Before_the_first_flip_any_version_is_right_and_any_status_but_online_wrong()
    {
        var truth = new Truth(users: 2);
        _view.Merge(new SeenEntry(101, 3, Status.Online));
        Assert.Equal(0, new ViewComparer(truth, FirstUser, static _ => true).Compare([(FirstUser, _view)]).Wrong);
        _view.Merge(new SeenEntry(101, 4, Status.Offline));
        Assert.Equal(1, new ViewComparer(truth, FirstUser, static _ => true).Compare([(FirstUser, _view)]).Wrong);
    }

    [Fact]
    public void Of_a_user_who_is_lost_nothing_is_claimed()
    {
        _isUp = false;
        Comparison comparison = See(1, Status.Offline);
        Assert.Equal((0, 0), (comparison.Compared, comparison.Wrong));
    }

    [Fact]
    public void Of_a_refused_flip_nothing_is_claimed_until_the_next()
    {
        _truth.Flip(1, TimeSpan.FromSeconds(2));
        _truth.Refused(1);
        Assert.Equal(0, See(7, Status.Away).Compared);
        _truth.Flip(1, TimeSpan.FromSeconds(3));
        _truth.Acked(1, version: 9);
        Assert.Equal(1, Compare().Wrong);
    }

    [Fact]
    public void A_stale_entry_does_not_overwrite_a_newer_one()
    {
        Assert.True(_view.Merge(new SeenEntry(101, 7, Status.Away)));
        Assert.False(_view.Merge(new SeenEntry(101, 6, Status.Online)));
        Assert.False(_view.Merge(new SeenEntry(999, 6, Status.Online)));
        Assert.Equal(0, Compare().Wrong);
    }

    private Comparison See(ulong version, Status status)
    {
        _view.Merge(new SeenEntry(101, version, status));
        return Compare();
    }

    private Comparison Compare() =>
        new ViewComparer(_truth, FirstUser, user => user == 0 || _isUp).Compare([(FirstUser, _view)]);
}
