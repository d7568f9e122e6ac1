using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Every SetStatus is answered exactly once, whatever comes in between.</summary>
public sealed class SetStatusTests : IDisposable
{
    private const ulong User = 1;
    private const ulong Watcher = 2;

    private readonly World _world = new(2);
    private readonly FakeConnection _watcher;
    private readonly FakeConnection _device;

    public SetStatusTests()
    {
        _watcher = _world.Watcher(Watcher, User);
        _device = _world.Connect(User);
    }

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Over_the_rate_the_latest_wins_later_and_all_are_acked_with_its_version()
    {
        for (ulong request = 1; request <= 8; request++)
        {
            _device.SetStatus(request, request % 2 == 0 ? Status.Online : Status.Busy);
        }

        Assert.True(_device.IsAcked(5));
        Assert.False(_device.IsAcked(6));
        Assert.Equal(Status.Busy, _watcher.StatusOf(User));
        _world.Advance(5_900);
        Assert.False(_device.IsAcked(6));
        _world.Advance(200);
        Assert.Equal(Status.Online, _watcher.StatusOf(User));
        Assert.All(new ulong[] { 6UL, 7, 8 }, request => Assert.Equal(_watcher.VersionOf(User), _device.AckOf(request)));
    }

    [Theory]
    [InlineData(Status.Offline)]
    [InlineData(Status.Invisible)]
    public void Leaving_from_sight_is_never_delayed(Status status)
    {
        for (ulong request = 1; request <= 8; request++)
        {
            _device.SetStatus(request, request % 2 == 0 ? Status.Online : Status.Busy);
        }

        _device.SetStatus(9, status);
        Assert.Equal(Status.Offline, _watcher.StatusOf(User));
        Assert.All(new ulong[] { 6UL, 7, 8, 9 }, request => Assert.Equal(_watcher.VersionOf(User), _device.AckOf(request)));
        _world.Advance(30_000);
        Assert.Equal(Status.Offline, _watcher.StatusOf(User));
    }

    [Fact]
    public void However_many_wait_the_newest_is_applied_and_none_is_refused()
    {
        for (ulong request = 1; request <= 80; request++)
        {
            _device.SetStatus(request, request == 80 ? Status.Away : Status.Busy);
        }

        Assert.Empty(_device.Errors);
        Assert.Equal(80 - StatusThrottle.MaxWaiting, _device.Frames.Count(frame => frame.Ack is not null));
        _world.Advance(6_100);
        Assert.Equal(Status.Away, _watcher.StatusOf(User));
        AssertAnsweredOnce(80);
    }

    [Fact]
    public void The_only_wish_of_a_device_waits_however_much_another_says()
    {
        FakeConnection phone = _world.Connect(User, device: 2);
        SpendTheRate();
        phone.SetStatus(1, Status.Busy);
        for (ulong request = 10; request < 110; request++)
        {
            _device.SetStatus(request, Status.Away);
        }

        Assert.False(phone.IsAcked(1));
        _world.Advance(6_100);
        Assert.True(phone.IsAcked(1));
        Assert.Equal(Status.Busy, _watcher.StatusOf(User));
    }

    [Fact]
    public void Each_devices_latest_is_applied_when_their_turn_comes_as_one_transition()
    {
        FakeConnection phone = _world.Connect(User, device: 2);
        SpendTheRate();
        int updates = _watcher.Updates.Count();
        _device.SetStatus(6, Status.Online);
        _device.SetStatus(7, Status.Busy);
        phone.SetStatus(1, Status.Away);
        _world.Advance(6_100);
        Assert.Equal(Status.Busy, _watcher.StatusOf(User));
        Assert.Equal(updates + 1, _watcher.Updates.Count());
        Assert.Equal([_watcher.VersionOf(User)], new[] { _device.AckOf(6), _device.AckOf(7), phone.AckOf(1) }.Distinct());
        _device.Goodbye();
        Assert.Equal(Status.Away, _watcher.StatusOf(User));
    }

    [Fact]
    public void A_device_that_leaves_from_sight_takes_back_only_its_own()
    {
        FakeConnection phone = _world.Connect(User, device: 2);
        SpendTheRate();
        _device.SetStatus(6, Status.Busy);
        phone.SetStatus(1, Status.Away);
        phone.SetStatus(2, Status.Offline);
        Assert.True(phone.IsAcked(1));
        Assert.True(phone.IsAcked(2));
        Assert.False(_device.IsAcked(6));
        _world.Advance(6_100);
        Assert.True(_device.IsAcked(6));
        Assert.Equal((Status.Busy, DeviceKinds.Web), (_world.Ask(User).Status, _world.Ask(User).Kinds));
    }

    [Fact]
    public void What_waited_when_the_user_hid_is_found_beneath_and_reveals_nobody()
    {
        FakeConnection phone = _world.Connect(User, device: 2);
        SpendTheRate();
        _device.SetStatus(6, Status.Busy);
        phone.SetStatus(1, Status.Invisible);
        Assert.True(_device.IsAcked(6));
        _world.Advance(25_000);
        _watcher.Beat();
        _device.Beat();
        phone.Beat();
        Assert.Equal(Status.Offline, _watcher.StatusOf(User));
        _world.Advance(25_000);
        phone.SetStatus(2, Status.Online);
        Assert.Equal(Status.Busy, _watcher.StatusOf(User));
    }

    [Fact]
    public void The_choice_to_be_seen_of_a_device_that_leaves_before_its_turn_still_counts()
    {
        FakeConnection phone = _world.Connect(User, device: 2);
        SpendTheRate();
        phone.SetStatus(1, Status.Invisible);
        _device.SetStatus(6, Status.Busy);
        Assert.Equal(Status.Offline, _watcher.StatusOf(User));
        _device.Goodbye();
        Assert.Equal(Status.Online, _watcher.StatusOf(User));
    }

    [Fact]
    public void While_the_user_is_loaded_changes_wait_bounded_and_questions_are_answered_as_before()
    {
        _world.Store.AnswersAtOnce = false;
        FakeConnection device = _world.Connect(7);
        for (ulong request = 1; request <= 200; request++)
        {
            device.SetStatus(request, Status.Busy);
        }

        Assert.Equal(
            Enumerable.Range(1, 200 - StatusThrottle.MaxWaiting).Select(request => (ulong)request),
            device.Errors.Where(error => error.Which == LimitNames.StatusChanges).Select(error => error.RequestId));
        var question = new FakeQuestion([7]);
        _world.Post(7, inbox => inbox.TryPostRead(question));
        Assert.Null(question.States);
        _world.Store.AnswersAtOnce = true;
        _world.Store.AnswerAll();
        _world.Advance(6_100);
        Assert.NotNull(question.States);
        Assert.Equal(Status.Busy, _world.Ask(7).Status);
        for (ulong request = 1; request <= 200; request++)
        {
            Assert.Single(device.Frames, frame => frame.Ack?.RequestId == request || frame.Error?.RequestId == request);
        }
    }

    [Fact]
    public void What_waited_when_its_device_left_still_gets_its_answer()
    {
        FakeConnection other = _world.Connect(User, device: 2);
        for (ulong request = 1; request <= 6; request++)
        {
            _device.SetStatus(request, Status.Busy);
        }

        FakeLease lease = _world.Lease(User, Status.Away);
        Assert.Null(lease.Answer);
        _device.Goodbye();
        other.Goodbye();
        _world.Advance(60_000);
        Assert.NotNull(lease.Answer);
    }

    private void SpendTheRate()
    {
        for (ulong request = 1; request <= 5; request++)
        {
            _device.SetStatus(request, Status.Online);
        }
    }

    private void AssertAnsweredOnce(ulong requests)
    {
        for (ulong request = 1; request <= requests; request++)
        {
            Assert.Single(_device.Frames, frame => frame.Ack?.RequestId == request || frame.Error?.RequestId == request);
        }
    }
}
