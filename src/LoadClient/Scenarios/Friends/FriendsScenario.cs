using Presence.LoadClient.Reports.Parts;

namespace Presence.LoadClient.Scenarios.Friends;

/// <summary>
/// N users, each watching K others and flipping its status now and then. Measures from the moment a flip was meant to be sent to its
/// receipt by each watcher; at the end every watcher's view must be the truth.
/// </summary>
internal sealed class FriendsScenario(FriendsOptions options, RunContext context)
{
    private readonly FriendsLoad _friends = new(options, context);

    /// <summary>Runs all of it on the calling thread.</summary>
    public FriendsReport Run()
    {
        context.Observe(() => _friends.Totals);
        TimeSpan ramped = _friends.ComeUp();
        TimeSpan measured = _friends.Measure("measure", context.Target.Duration);
        _friends.Quiesce();
        return Report(ramped, measured);
    }

    private FriendsReport Report(TimeSpan ramped, TimeSpan measured) => new()
    {
        Run = context.Info,
        GivenUp = context.GivenUp,
        Seed = context.Target.Seed,
        Seconds = measured.TotalSeconds,
        LatencyMs = context.Latencies.Summarize(),
        LatencyPercentiles = context.Latencies.Percentiles(),
        Series = context.Series,
        Connections = ConnectionFigures.Of([_friends.Fleet], ramped),
        WatchesEach = options.Watches,
        Flips = FlipFigures.Of(options.FlipsPerSecond, _friends.Flips, _friends.Truth),
        Deliveries = new DeliveryFigures(_friends.Flips.Expected, _friends.Delivered),
        Heartbeats = HeartbeatFigures.Of(_friends.Fleet.Heartbeats),
        States = _friends.Compare(),
    };
}
