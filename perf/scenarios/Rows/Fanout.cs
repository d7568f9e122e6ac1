using Presence.Scenarios.Results;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Rows;

/// <summary>One user flips, many watch: how long until the last knows, and what it costs.</summary>
internal sealed class Fanout(int watchers, int flips, bool showsCost) : IRow
{
    private const string Limit = "perf/limit/fanout_writer";
    private const int WarmUp = 5;
    private const int Turns = 10;

    public string Name => $"fanout-{watchers}";

    public string Method =>
        $"One user flips its status {Turns} times {flips} times, by turns with the limit, after {WarmUp} times {flips} that do not count; "
        + $"{watchers} connections watch it. A latency is from before the write of SetStatus to after the read of "
        + "the last watcher's update, at the one thread that drives them all; "
        + $"{FanoutLoad.Idle.TotalMilliseconds} ms pass before the next flip."
        + (showsCost ? " For the cost as many flips follow each other at once, one at a time." : "");

    public IReadOnlyList<Figure> Measure()
    {
        Subject server = Subject.StartServer();
        using var ours = new FanoutLoad(server, watchers);
        using var limit = new FanoutLoad(Subject.StartLimit("fanout_writer"), watchers);
        string profile = Pair.Measure(ours, limit, server.Meter, WarmUp, Turns, Slice);
        string what = $"fan-out, idle server, send → last of {watchers:N0} watchers";
        List<Figure> figures =
        [
            Pair.Compare(new Line($"{what}, p50", "µs", Limit, Budget.AtMost(1.3)), ours, limit, static load => 1_000 * load.Latency.P50, profile),
            Pair.Compare(new Line($"{what}, p99", "µs", Limit, Budget.AtMost(1.5)), ours, limit, static load => 1_000 * load.Latency.P99, profile),
        ];
        if (showsCost)
        {
            var line = new Line(
                $"deliveries per server CPU-second, {watchers:N0} watchers, one flip at a time",
                "1/s",
                Limit,
                Budget.AtLeast(0.6, " (aim 0.85)"));
            figures.Add(Pair.Compare(line, ours, limit, static load => load.Cost.EventsPerSecond, profile));
        }

        return figures;
    }

    private void Slice(FanoutLoad load, bool counts)
    {
        load.FlipIdle(flips, counts);
        if (showsCost)
        {
            load.FlipAtOnce(flips, counts);
        }
    }
}
