using Presence.LoadClient.Fleets;
using Presence.LoadClient.Links;
using Presence.LoadClient.Machine;
using Presence.LoadClient.Reports.Parts;
using Presence.LoadClient.Series;

namespace Presence.LoadClient.Scenarios.Ramp;

/// <summary>How long the parts of a run took.</summary>
/// <param name="WatcherRamp">Of the direct watchers.</param>
/// <param name="RssAtStart">Of the server, before the first session; null: it is not on this machine.</param>
/// <param name="NodeBefore">What the server said before the hold; null: it is not asked.</param>
/// <param name="NodeAfter">And at its end.</param>
internal readonly record struct RampTimes(TimeSpan Ramp, TimeSpan WatcherRamp, TimeSpan Hold, long? RssAtStart, NodeUsage? NodeBefore, NodeUsage? NodeAfter);

/// <summary>Gathers the report of a run from those who counted.</summary>
internal sealed class RampFigures(RampOptions options, RunContext context, LinkSet links, Fleet watchers, WatcherCheck check)
{
    private LoadPlan Plan => links.Plan;

    public RampReport Report(RampTimes times, IReadOnlyList<LinkRestart> restarts, Verification verification) => new()
    {
        Run = context.Info,
        GivenUp = context.GivenUp,
        Seed = context.Target.Seed,
        Seconds = times.Hold.TotalSeconds,
        LatencyMs = context.Latencies.Summarize(),
        LatencyPercentiles = context.Latencies.Percentiles(),
        Series = context.Series,
        Sessions = new RampSessions(options.Sessions, links.Drivers.Sum(static driver => driver.Taken), times.Ramp.TotalSeconds),
        Links = LinkFigures.Of(links),
        Hold = Hold(times),
        Node = Node(times),
        Changes = Changes(),
        Reads = Reads(),
        Watchers = ConnectionFigures.Of([watchers], times.WatcherRamp),
        Deliveries = check.Deliveries,
        WatcherViews = check.Compare(watchers.Sessions),
        Restarts =
        [
            // Those of a run that was given up may not have come to their time.
            .. (context.IsGivenUp ? [] : restarts).Select(static restart => new RestartFigures(
                restart.Link, restart.Forgets, restart.Away.TotalSeconds, restart.IsResumed)),
        ],
        States = StateFigures.Of(Plan.Judge, verification),
    };

    private HoldFigures Hold(RampTimes times)
    {
        Sample[] hold = [.. context.Series.Where(static sample => sample.Phase == "hold")];
        return new HoldFigures(
            hold.Select(static sample => sample.HeartbeatsPerSecond).DefaultIfEmpty().Average(),
            Plan.HeartbeatLateness.Summarize(),
            times.RssAtStart,
            hold.Max(static sample => sample.ServerRssBytes),
            hold.Average(static sample => sample.ServerCores),
            hold.Select(static sample => sample.GeneratorCores).DefaultIfEmpty().Average(),
            hold.Select(static sample => sample.GeneratorRssBytes).DefaultIfEmpty().Max());
    }

    private NodeFigures? Node(RampTimes times) => (times.NodeBefore, times.NodeAfter) is ({ } before, { } after)
        ? NodeFigures.Of(context.Series.Max(static sample => sample.ServerManagedHeapBytes) ?? after.ManagedHeapBytes, before, after)
        : null;

    private ChangeFigures Changes()
    {
        long taken = Plan.Changes.Taken;
        LinkDriver[] whole = [.. links.Drivers.Where(static driver => driver.Witness.IsWhole)];
        return new ChangeFigures(
            options.Changes,
            links.Drivers.Sum(static driver => driver.Changes.Said),
            Plan.ChangeLateness.Summarize(),
            Plan.Judge.ToldLatency.Summarize(),
            links.Drivers.Sum(static driver => driver.Witness.Told),
            whole.Count(driver => driver.Witness.HasSeenAll(taken)),
            whole.Length);
    }

    private ReadFigures Reads() => new(
        options.Reads,
        links.Drivers.Sum(static driver => driver.Queries.Answered) - Plan.Judge.Verified,
        Plan.ReadLatency.Summarize(),
        links.Drivers.Sum(static driver => driver.Queries.Open),
        links.Drivers.Sum(static driver => driver.Queries.LostIds),
        links.Drivers.Sum(static driver => driver.Reads.Left));
}
