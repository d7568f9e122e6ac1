using CsCheck;

namespace Presence.Engine.Tests;

/// <summary>Engine time counts only the time in which both the loop and its I/O were alive.</summary>
public sealed class EngineClockTests
{
    private const long Start = 1_000_000;

    private readonly EngineClock _clock = new(Start);
    private long _mono = Start;
    private long _canary = Start;

    [Fact]
    public void It_runs_with_the_monotonic_clock_while_all_is_well()
    {
        Run(10_000);
        Assert.Equal(10_000, _clock.Now);
        Assert.Equal(0, _clock.Gaps);
        Assert.Equal(_clock.Now, _clock.EngineOf(_clock.At(_mono)));
    }

    [Fact]
    public void A_stopped_process_does_not_count()
    {
        Run(5_000);
        _mono += 60_000;
        _canary = _mono;
        _clock.Advance(_mono, _canary);
        Assert.Equal(5_000, _clock.Now);
        Assert.Equal(1, _clock.Gaps);
        Assert.Equal(60_000, _clock.SkippedMs);
        Run(1_000);
        Assert.Equal(6_000, _clock.Now);
    }

    [Fact]
    public void Moments_before_in_and_after_a_gap_are_told_apart_by_their_stamps_alone()
    {
        Run(5_000);
        long before = _clock.At(_mono);
        long during = _clock.At(_mono + 20_000);
        _mono += 60_000;
        _canary = _mono;
        _clock.Advance(_mono, _canary);
        Run(1_000);
        Assert.Equal([5_000, 5_000, 5_000, 6_000], [_clock.EngineOf(before), _clock.EngineOf(during), _clock.EngineOf(65_000), _clock.Now]);
        Assert.Equal([61_000, 41_000], [_clock.Stamp - before, _clock.Stamp - during]);
    }

    [Fact]
    public void A_second_is_no_gap()
    {
        _mono += EngineClock.GapMs;
        _clock.Advance(_mono, _mono);
        Assert.Equal((EngineClock.GapMs, 0), (_clock.Now, _clock.Gaps));
    }

    [Fact]
    public void While_the_canary_is_silent_nothing_counts_beyond_what_it_may_be_late()
    {
        Run(5_000);
        for (int i = 0; i < 600; i++)
        {
            _mono += 100;
            _clock.Advance(_mono, _canary);
        }

        Assert.Equal(5_000 + EngineClock.CanaryPeriodMs + EngineClock.GapMs, _clock.Now);
        _canary = _mono += 100;
        _clock.Advance(_mono, _canary);
        Assert.Equal(1, _clock.Gaps);

        // The second between the byte that did not come and our noticing is given back.
        Run(EngineClock.GapMs);
        Assert.InRange(_clock.Now, 7_000, 7_100);
        Run(1_000);
        Assert.InRange(_clock.Now, 8_000, 8_100);
    }

    [Fact]
    public void The_monotonic_clock_of_another_core_may_lie_a_little_behind()
    {
        Run(5_000);
        _clock.Advance(_mono - 50, _mono);
        Assert.Equal(5_000, _clock.Now);
        Run(1_000);
        Assert.Equal(6_000, _clock.Now);
    }

    [Fact]
    public void It_never_goes_back_and_never_faster_than_the_monotonic_clock() =>
        Gen.Select(Gen.Long[0, 3_000], Gen.Long[0, 4_000]).Array[0, 200].Sample(steps =>
        {
            var clock = new EngineClock(Start);
            long mono = Start;
            long before = 0;
            foreach ((long step, long silence) in steps)
            {
                mono += step;
                clock.Advance(mono, mono - silence);
                Assert.InRange(clock.Now, before, before + step);
                Assert.Equal(mono - Start, clock.Now + clock.SkippedMs);
                before = clock.Now;
            }
        });

    [Fact]
    public void The_engine_time_of_a_stamp_is_what_it_was_when_it_was_made() =>
        Gen.Long[1, 3_000].Array[1, 30].Sample(steps =>
        {
            var clock = new EngineClock(Start);
            long mono = Start;
            var moments = new Dictionary<long, long> { [0] = 0 };
            foreach (long step in steps)
            {
                mono += step;
                clock.Advance(mono, mono);
                moments.Add(clock.Stamp, clock.Now);
            }

            return moments.All(moment => clock.EngineOf(moment.Key) == moment.Value);
        });

    private void Run(long ms)
    {
        for (long end = _mono + ms; _mono < end;)
        {
            _mono += 100;
            _canary = _mono;
            _clock.Advance(_mono, _canary);
        }
    }
}
