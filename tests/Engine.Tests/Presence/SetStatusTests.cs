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
    public void Too_many_that_wait_are_refused_by_name()
    {
        for (ulong request = 1; request <= 80; request++)
        {
            _device.SetStatus(request, Status.Busy);
        }

        Assert.Equal(80 - 5 - StatusThrottle.MaxWaiting, _device.Errors.Count(error => error.Which == LimitNames.StatusChanges));
        _world.Advance(6_100);
        AssertAnsweredOnce(80);
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

        Assert.InRange(device.Errors.Count(), 200 - StatusThrottle.MaxWaiting - 5, 199);
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

    private void AssertAnsweredOnce(ulong requests)
    {
        for (ulong request = 1; request <= requests; request++)
        {
            Assert.Single(_device.Frames, frame => frame.Ack?.RequestId == request || frame.Error?.RequestId == request);
        }
    }
}
