using CsCheck;
using Presence.Server.Transport.Admission;
using Xunit;

namespace Presence.Server.Tests.Transport.Admission;

/// <summary>Handshakes over time: no more than the rate, each who obeys gets in at its slot, and nothing is left of who does not.</summary>
public sealed class SlotScheduleTests
{
    private static readonly TimeSpan s_latest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Within_the_burst_all_come_in_at_once()
    {
        var schedule = new SlotSchedule(100, s_second, s_latest);
        Assert.All(Enumerable.Range(1, 100), key => Assert.Equal(TimeSpan.Zero, schedule.Enter((ulong)key, s_second)));
        Assert.NotEqual(TimeSpan.Zero, schedule.Enter(1_000, s_second));
    }

    [Fact]
    public void Those_beyond_it_get_slots_in_the_order_of_their_coming_at_the_rate()
    {
        var schedule = new SlotSchedule(100, s_second, s_latest);
        TimeSpan[] waits = EnterAll(schedule, 1_100)[100..];
        Assert.Equal(waits.Order(), waits);
        Assert.All(waits.Zip(waits.Skip(1)), static pair => Assert.Equal(10, (pair.Second - pair.First).TotalMilliseconds, tolerance: 0.001));
    }

    [Fact]
    public void The_last_slot_is_of_who_was_told_the_longest_wait_with_a_place_or_without()
    {
        var schedule = new SlotSchedule(1, s_second, s_latest);
        schedule.Enter(1, s_second);
        Assert.Equal(TimeSpan.Zero, schedule.LastSlot);
        for (ulong key = 2; key < 400; key++)
        {
            TimeSpan wait = schedule.Enter(key, s_second);
            Assert.InRange(schedule.LastSlot, s_second + wait, s_second + s_latest);
        }

        TimeSpan last = schedule.LastSlot, beyond = schedule.Enter(1_000, 2 * s_second + s_latest);
        Assert.Equal(last, schedule.LastSlot);
        Assert.Equal(TimeSpan.Zero, beyond);
    }

    [Fact]
    public void Everybody_who_obeys_is_in_at_its_slot_whoever_else_comes() =>
        Gen.Select(Gen.Int[1, 200], Gen.Int[1, 2_000], Gen.Int[0, 50]).Sample((rate, most, strangers) =>
        {
            // As many as there are slots for.
            int fleet = Math.Min(most, rate * (int)s_latest.TotalSeconds);
            var schedule = new SlotSchedule(rate, s_second, s_latest);
            var waiting = new PriorityQueue<ulong, TimeSpan>();
            for (ulong key = 1; key <= (ulong)fleet; key++)
            {
                TimeSpan wait = schedule.Enter(key, TimeSpan.Zero);
                if (wait > TimeSpan.Zero)
                {
                    waiting.Enqueue(key, wait);
                }
            }

            ulong stranger = 1_000_000;
            while (waiting.TryDequeue(out ulong key, out TimeSpan at))
            {
                for (int i = 0; i < strangers; i++)
                {
                    schedule.Enter(stranger++, at);
                }

                Assert.Equal(TimeSpan.Zero, schedule.Enter(key, at));
            }
        }, iter: 50);

    [Fact]
    public void No_more_come_in_than_the_rate_and_the_burst() =>
        Gen.Select(Gen.Int[1, 100], Gen.Int[0, 40].Array[1, 400]).Sample((rate, arrivals) =>
        {
            // Whoever is told to wait obeys; strangers come all the time.
            var schedule = new SlotSchedule(rate, s_second, s_latest);
            var due = new PriorityQueue<ulong, TimeSpan>();
            ulong next = 1;
            int inside = 0;
            for (int tick = 0; tick < arrivals.Length; tick++)
            {
                TimeSpan now = TimeSpan.FromMilliseconds(100 * tick);
                while (due.TryPeek(out ulong key, out TimeSpan at) && at <= now)
                {
                    due.Dequeue();
                    Ask(key);
                }

                for (int i = 0; i < arrivals[tick]; i++)
                {
                    Ask(next++);
                }

                // One more: the burst's first comes in before any of it has passed.
                Assert.True(inside <= (rate * (now + s_second + SlotSchedule.Early).TotalSeconds) + 1, $"{inside} at {now} with {rate}/s");

                void Ask(ulong key)
                {
                    TimeSpan wait = schedule.Enter(key, now);
                    inside += wait == TimeSpan.Zero ? 1 : 0;
                    if (wait > TimeSpan.Zero)
                    {
                        due.Enqueue(key, now + wait);
                    }
                }
            }
        }, iter: 50);

    [Fact]
    public void Who_comes_too_early_is_told_the_same_slot_again()
    {
        SlotSchedule schedule = Full(out TimeSpan wait, key: 7);
        Assert.Equal(wait - s_second, schedule.Enter(7, s_second));
        Assert.Equal(TimeSpan.Zero, schedule.Enter(7, wait));
        Assert.Equal(0, schedule.Waiting);
    }

    [Fact]
    public void Who_comes_too_late_queues_anew_and_nothing_is_kept()
    {
        SlotSchedule schedule = Full(out TimeSpan wait, key: 7);
        Assert.Equal(1, schedule.Waiting);
        schedule.Enter(8, wait + SlotSchedule.Late + s_second);
        Assert.Equal(0, schedule.Waiting);
    }

    [Fact]
    public void Beyond_the_latest_slot_nobody_is_kept_and_they_do_not_come_together()
    {
        var schedule = new SlotSchedule(10, s_second, TimeSpan.FromSeconds(10));
        TimeSpan[] waits = EnterAll(schedule, 1_000)[112..];
        Assert.True(schedule.Waiting <= 101);
        Assert.All(waits, static wait => Assert.InRange(wait.TotalSeconds, 5, 10));
        Assert.All(waits.GroupBy(static wait => (int)wait.TotalSeconds), group => Assert.InRange(group.Count(), 1, (waits.Length / 5) + 10));
    }

    private static TimeSpan[] EnterAll(SlotSchedule schedule, int count) =>
        [.. Enumerable.Range(1, count).Select(key => schedule.Enter((ulong)key, TimeSpan.Zero))];

    private static SlotSchedule Full(out TimeSpan wait, ulong key)
    {
        var schedule = new SlotSchedule(1, TimeSpan.FromSeconds(5), s_latest);
        ulong other = 1_000;
        while (schedule.Enter(other++, TimeSpan.Zero) == TimeSpan.Zero)
        {
        }

        // The other takes its own.
        TimeSpan before = schedule.Enter(other - 1, TimeSpan.Zero);
        schedule.Enter(other - 1, before);
        wait = schedule.Enter(key, before);
        Assert.True(wait > TimeSpan.Zero);
        wait += before;
        schedule.Enter(key, before);
        return schedule;
    }
}
