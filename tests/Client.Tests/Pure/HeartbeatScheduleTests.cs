using CsCheck;
using Presence.Client.Connections;
using Xunit;

namespace Presence.Client.Tests.Pure;

public sealed class HeartbeatScheduleTests
{
    private static readonly TimeSpan _d = TimeSpan.FromSeconds(30);

    [Fact]
    public void Two_frames_are_never_more_than_d_apart_and_two_heartbeats_never_less_than_a_quarter_of_it()
    {
        int heartbeats = 0;
        int others = 0;
        Gen.Select(Gen.Int, Gen.Double[0, 1], Gen.Double[0.01, 1.5].List[1, 60]).Sample((seed, first, pauses) =>
        {
            HeartbeatSchedule schedule = new(_d, _d * first, TimeSpan.Zero, TimeSpan.Zero, null, new Random(seed));
            TimeSpan lastFrame = TimeSpan.Zero;
            TimeSpan? lastHeartbeat = null;
            foreach (double pause in pauses)
            {
                TimeSpan otherFrame = lastFrame + (_d * pause);
                while (schedule.Due <= otherFrame)
                {
                    Assert.InRange(schedule.Due - lastFrame, TimeSpan.Zero, _d);
                    Assert.True(lastHeartbeat is null || schedule.Due - lastHeartbeat >= _d / 4);
                    lastFrame = schedule.Due;
                    lastHeartbeat = lastFrame;
                    schedule.HeartbeatSent(lastFrame, wantsAck: false);
                    Interlocked.Increment(ref heartbeats);
                }
                Assert.InRange(otherFrame - lastFrame, TimeSpan.Zero, _d);
                lastFrame = otherFrame;
                schedule.FrameSent(otherFrame);
                Interlocked.Increment(ref others);
            }
        });
        Assert.True(heartbeats > 100 && others > 100, "The generator must make both kinds of frames.");
    }

    [Fact]
    public void After_any_frame_the_next_heartbeat_is_due_at_four_to_five_fifths_of_d()
    {
        Gen.Select(Gen.Int, Gen.Double[0, 30]).Sample((seed, seconds) =>
        {
            HeartbeatSchedule schedule = Started(seed);
            TimeSpan sent = TimeSpan.FromSeconds(10 + seconds);
            schedule.FrameSent(sent);
            Assert.InRange(schedule.Due - sent, _d * 0.8, _d);
        });
    }

    [Fact]
    public void The_first_heartbeat_keeps_the_moment_the_server_drew()
    {
        HeartbeatSchedule schedule = new(_d, TimeSpan.FromSeconds(7), TimeSpan.Zero, TimeSpan.FromSeconds(1), null, new Random(1));
        schedule.FrameSent(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(8), schedule.Due);
    }

    [Fact]
    public void The_first_heartbeat_is_not_later_than_d_after_hello()
    {
        HeartbeatSchedule schedule = new(_d, _d, TimeSpan.Zero, TimeSpan.FromSeconds(3), null, new Random(1));
        Assert.Equal(_d, schedule.Due);
    }

    [Fact]
    public void A_shorter_interval_rearms_at_once()
    {
        Gen.Select(Gen.Int, Gen.Double[0.2, 29], Gen.Double[0.1, 24]).Sample((seed, shorter, ackAfter) =>
        {
            HeartbeatSchedule schedule = Started(seed);
            TimeSpan beat = TimeSpan.FromSeconds(40);
            schedule.HeartbeatSent(beat, wantsAck: true);
            TimeSpan d = TimeSpan.FromSeconds(shorter);
            TimeSpan now = beat + TimeSpan.FromSeconds(ackAfter);
            schedule.AckReceived(now, d);
            TimeSpan latest = TimeSpan.FromTicks(Math.Max((beat + d).Ticks, now.Ticks));
            Assert.InRange(schedule.Due, now, latest);
        });
    }

    [Fact]
    public void A_longer_interval_counts_from_the_next_frame()
    {
        HeartbeatSchedule schedule = Started(1);
        schedule.HeartbeatSent(TimeSpan.FromSeconds(40), wantsAck: true);
        TimeSpan due = schedule.Due;
        schedule.AckReceived(TimeSpan.FromSeconds(41), _d * 2);
        Assert.Equal(due, schedule.Due);
        schedule.FrameSent(TimeSpan.FromSeconds(50));
        Assert.InRange(schedule.Due - TimeSpan.FromSeconds(50), _d * 1.6, _d * 2);
    }

    [Fact]
    public void A_missing_ack_gives_up_and_one_that_came_does_not()
    {
        HeartbeatSchedule schedule = Started(1);
        TimeSpan sent = TimeSpan.FromSeconds(40);
        schedule.HeartbeatSent(sent, wantsAck: true);
        TimeSpan deadline = sent + TimeSpan.FromSeconds(10);
        Assert.Equal(deadline, schedule.NextLook);
        Assert.Equal(HeartbeatStep.Wait, schedule.StepAt(deadline - TimeSpan.FromMilliseconds(1)));
        Assert.Equal(HeartbeatStep.GiveUp, schedule.StepAt(deadline));
        schedule.AckReceived(deadline, _d);
        Assert.Equal(HeartbeatStep.Wait, schedule.StepAt(deadline));
    }

    [Fact]
    public void An_ack_answers_the_oldest_heartbeat_only()
    {
        HeartbeatSchedule schedule = new(_d, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromSeconds(60), new Random(1));
        schedule.HeartbeatSent(TimeSpan.FromSeconds(10), wantsAck: true);
        schedule.HeartbeatSent(TimeSpan.FromSeconds(35), wantsAck: true);
        schedule.AckReceived(TimeSpan.FromSeconds(36), _d);
        Assert.Equal(HeartbeatStep.GiveUp, schedule.StepAt(TimeSpan.FromSeconds(95)));
        Assert.NotEqual(HeartbeatStep.GiveUp, schedule.StepAt(TimeSpan.FromSeconds(94)));
    }

    [Theory]
    [InlineData(0.3, 1)]
    [InlineData(6, 2)]
    [InlineData(30, 10)]
    [InlineData(300, 10)]
    public void The_ack_time_out_follows_the_interval(double interval, double expected) =>
        Assert.Equal(TimeSpan.FromSeconds(expected), HeartbeatSchedule.DefaultAckTimeout(TimeSpan.FromSeconds(interval)));

    [Fact]
    public void An_interval_of_zero_is_no_loop()
    {
        HeartbeatSchedule schedule = new(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, null, new Random(1));
        schedule.HeartbeatSent(TimeSpan.Zero, wantsAck: false);
        Assert.InRange(schedule.Due, HeartbeatSchedule.ShortestInterval * 0.8, HeartbeatSchedule.ShortestInterval);
    }

    /// <summary>A schedule that has sent its first heartbeat, at 10 s.</summary>
    private static HeartbeatSchedule Started(int seed)
    {
        HeartbeatSchedule schedule = new(_d, TimeSpan.FromSeconds(10), TimeSpan.Zero, TimeSpan.Zero, null, new Random(seed));
        schedule.HeartbeatSent(TimeSpan.FromSeconds(10), wantsAck: false);
        return schedule;
    }
}
