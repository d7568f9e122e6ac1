using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>How long each truth takes to become a transition, by the definition of <see cref="Detection"/>.</summary>
public sealed class DetectionTests : IDisposable
{
    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_silent_client_is_found_within_a_tick_of_its_deadline()
    {
        FakeConnection silent = _world.Connect(1);
        // Its deadline falls between two ticks.
        _world.Advance(130);
        silent.Beat();
        _world.Advance(_world.Options.SilentAfterMs + 200);
        Assert.Equal(CloseCode.HeartbeatTimeout, silent.ClosedWith);
        Assert.Equal(1, Of(TransitionCause.Silent).Count());
        Assert.InRange(Of(TransitionCause.Silent).SumMs(), 1, 100);
    }

    [Fact]
    public void A_lost_connection_is_measured_from_its_last_frame_with_its_hold()
    {
        FakeConnection lost = _world.Connect(1);
        _world.Advance(3_000);
        lost.Beat();
        _world.Advance(2_000);
        lost.Lose();
        _world.Advance(_world.Options.HoldMs + 200);
        Assert.Equal(Status.Offline, _world.Ask(1).Status);
        Assert.Equal(1, Of(TransitionCause.HoldOver).Count());
        Assert.InRange(Of(TransitionCause.HoldOver).SumMs(), 2_000 + _world.Options.HoldMs, 2_000 + _world.Options.HoldMs + 100);
    }

    [Fact]
    public void A_status_and_a_goodbye_are_measured_from_their_frame()
    {
        FakeConnection client = _world.Connect(1);
        _world.IsPaused = true;
        client.SetStatus(1, Status.Busy);
        _world.Skip(7);
        _world.Settle();
        client.Goodbye();
        _world.Skip(11);
        _world.Settle();
        Assert.Equal((1, 7), (Of(TransitionCause.Explicit).Count(), Of(TransitionCause.Explicit).SumMs()));
        Assert.Equal((1, 11), (Of(TransitionCause.Goodbye).Count(), Of(TransitionCause.Goodbye).SumMs()));
    }

    [Fact]
    public void A_status_that_the_rate_delays_is_not_measured()
    {
        FakeConnection client = _world.Connect(1);
        Status[] statuses = [Status.Busy, Status.Away];
        for (ulong change = 0; change < 6; change++)
        {
            client.SetStatus(change + 1, statuses[change % 2]);
        }

        Assert.Equal(1, _world.Sum(static counters => counters.StatusesDelayed));
        Assert.Equal(1, _world.Sum(static counters => counters.Limits.Of(Protocol.LimitNames.StatusChanges)));
        _world.Advance(30_000);
        Assert.Equal(6, _world.Sum(static counters => counters.Transitions[(int)TransitionCause.Explicit]));
        Assert.Equal(5, Of(TransitionCause.Explicit).Count());
    }

    [Fact]
    public void Who_comes_is_measured_with_the_answer_of_the_store()
    {
        _world.Store.AnswersAtOnce = false;
        _world.Connect(1);
        _world.Advance(300);
        Assert.Equal(0, Of(TransitionCause.Up).Count());
        _world.Store.AnswerAll();
        _world.Settle();
        Assert.Equal(Status.Online, _world.Ask(1).Status);
        Assert.Equal((1, 300), (Of(TransitionCause.Up).Count(), Of(TransitionCause.Up).SumMs()));
    }

    private LatencyHistogram Of(TransitionCause cause) => _world.Shards[0].Counters.Detection[(int)cause];
}
