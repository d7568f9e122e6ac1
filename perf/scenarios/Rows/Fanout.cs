using Presence.LoadClient.Connections;
using Presence.LoadClient.Measuring;
using Presence.Scenarios.Clients;
using Presence.Scenarios.Results;
using Presence.Scenarios.Subjects;
using Presence.V1;

namespace Presence.Scenarios.Rows;

/// <summary>One user flips, many watch: how long until the last knows, and what it costs.</summary>
internal sealed class Fanout(int watchers, int flips, bool showsCost) : IRow
{
    private const ulong Flipper = 1;
    private const string Limit = "perf/limit/fanout_writer";

    /// <summary>Between flips: the server is idle when the next comes.</summary>
    private static readonly TimeSpan s_idle = TimeSpan.FromMilliseconds(2);

    public string Name => $"fanout-{watchers}";

    public string Method =>
        $"One user flips its status {flips} times after {WarmUp} that do not count; {watchers} connections watch it. A latency is from before the write of SetStatus to after the read of "
        + $"the last watcher's update, at the one thread that drives them all; {s_idle.TotalMilliseconds} ms pass before the next flip."
        + (showsCost ? " For the cost the same number of flips follow each other at once, one at a time." : "");

    private int WarmUp => flips / 2;

    public IReadOnlyList<Figure> Measure()
    {
        using Subject server = Subject.StartServer();
        (LatencySummary ours, double oursPerSecond) = Measure(server);
        using Subject limit = Subject.StartLimit("fanout_writer");
        (LatencySummary theirs, double theirsPerSecond) = Measure(limit);
        string what = $"fan-out, idle server, send → last of {watchers:N0} watchers";
        List<Figure> figures =
        [
            new(new Line($"{what}, p50", "µs", Limit, Budget.AtMost(1.3)), ours.P50 * 1_000, theirs.P50 * 1_000),
            new(new Line($"{what}, p99", "µs", Limit, Budget.AtMost(1.5)), ours.P99 * 1_000, theirs.P99 * 1_000),
        ];
        if (showsCost)
        {
            figures.Add(new Figure(
                new Line($"deliveries per server CPU-second, {watchers:N0} watchers, one flip at a time", "1/s", Limit, Budget.AtLeast(0.6, " (aim 0.85)")),
                oursPerSecond,
                theirsPerSecond));
        }

        return figures;
    }

    private (LatencySummary Latency, double PerCpuSecond) Measure(Subject subject)
    {
        using var fleet = new Fleet(subject, subject.Tokens);
        fleet.BringUp(1, static _ => []);
        fleet.BringUp(watchers, static _ => [Flipper]);
        Idle(fleet);
        Flip(fleet, WarmUp, new Latencies(), idle: true);
        var latencies = new Latencies();
        Flip(fleet, flips, latencies, idle: true);
        if (!showsCost)
        {
            return (latencies.Summarize(), 0);
        }

        TimeSpan before = subject.Meter.CpuTime;
        Flip(fleet, flips, new Latencies(), idle: false);
        return (latencies.Summarize(), (double)flips * watchers / (subject.Meter.CpuTime - before).TotalSeconds);
    }

    private void Flip(Fleet fleet, int count, Latencies latencies, bool idle)
    {
        for (int i = 0; i < count; i++)
        {
            (long updates, long acks) = (fleet.Updates + watchers, fleet.Acks + 1);
            TimeSpan sent = fleet.Loop.Now, received = TimeSpan.Zero;
            fleet.Clients[0].Send(Frames.SetStatus((ulong)fleet.Acks + 1, fleet.Acks % 2 == 0 ? Status.Away : Status.Busy));
            fleet.Until(() =>
            {
                if (received == TimeSpan.Zero && fleet.Updates >= updates)
                {
                    received = fleet.Loop.Now;
                }

                return received != TimeSpan.Zero && fleet.Acks >= acks;
            });
            latencies.Add(received - sent);
            if (idle)
            {
                Idle(fleet);
            }
        }
    }

    private static void Idle(Fleet fleet)
    {
        TimeSpan end = fleet.Loop.Now + s_idle;
        fleet.Loop.Schedule(new Wake(), end);
        fleet.Until(() => fleet.Loop.Now >= end);
    }

    /// <summary>Only ends the loop's wait.</summary>
    private sealed class Wake : LoadClient.Pacing.IDeadline
    {
        public TimeSpan? OnDue(TimeSpan now) => null;
    }
}
