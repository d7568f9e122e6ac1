using Presence.Engine;
using Presence.Server.Admin;
using Presence.Server.Hosting;

namespace Presence.Server.Diagnostics.Metrics;

/// <summary>What changes, how soon that is known, and who is told.</summary>
internal static class ChangeInstruments
{
    private const string Cause = "cause";

    public static IEnumerable<LatencyFeed> Add(NodeMeter meter, ShardSet shards)
    {
        TransitionCause[] causes = Enum.GetValues<TransitionCause>();
        meter.Count("presence.transitions", "{transition}", "Changes of what is visible of a user.",
            causes.Select(cause => Attributes.Of(Cause, ShardInfos.NameOf(cause), () => shards.Sum(shard => shard.Transitions[(int)cause]))));
        meter.Count("presence.deliveries", "{update}", "Updates written to watchers.", () => shards.Sum(static shard => shard.Deliveries));
        meter.Count("presence.deliveries.coalesced", "{update}", "Updates that a newer one replaced before its watcher, who reads slowly, could be told.", () => shards.Sum(static shard => shard.DeliveriesCoalesced));
        meter.Count("presence.flushes", "{flush}", "Times that what a turn wrote to a connection was sent.", () => shards.Sum(static shard => shard.Flushes));
        meter.Count("presence.questions", "{question}", "Questions of a shard to a home, for watches and queries that its index could not answer.", () => shards.Sum(static shard => shard.Questions));
        meter.Count("presence.statuses.delayed", "{status}", "Explicit statuses that were more than their user's rate allows.", () => shards.Sum(static shard => shard.StatusesDelayed));

        var detection = meter.Latency("presence.detection.duration", "From the truth to the transition.");
        var propagation = meter.Latency("presence.propagation.duration", "From the transition until the last watcher of a shard was sent it.");
        return
        [
            .. shards.All.Select(shard => new LatencyFeed(shard.Counters.Propagation, propagation)),
            .. shards.All.SelectMany(shard => causes.Select(cause => new LatencyFeed(
                shard.Counters.Detection[(int)cause], detection, new KeyValuePair<string, object?>(Cause, ShardInfos.NameOf(cause))))),
        ];
    }
}
