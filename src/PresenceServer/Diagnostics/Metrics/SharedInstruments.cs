using Presence.Server.Storage.Shared;

namespace Presence.Server.Diagnostics.Metrics;

/// <summary>What a member of a cluster brings to Redis and asks of it.</summary>
internal static class SharedInstruments
{
    public static void Add(NodeMeter meter, SharedCounts shared)
    {
        meter.Count("presence.shared.shipped", "{record}", "Records of the journal that Redis has taken.", () => shared.Shipped.Value);
        meter.Level("presence.shared.lag.size", "By", "Bytes of the journal that are durable and not shipped.", () => shared.LagBytes);
        meter.Gauge("presence.shared.lag", "s", "How old what was shipped last is, while there is more.", () => shared.Lag.TotalSeconds);
        meter.Count("presence.shared.failures", "{attempt}", "Attempts to ship that failed.", () => shared.Failures.Value);
        meter.Count("presence.shared.walked", "{record}", "Records of the store that were brought to a Redis that lacked some.", () => shared.Walked.Value);
        meter.Count("presence.shared.losses", "{loss}", "Times that Redis had lost what it had confirmed.", () => shared.Losses.Value);
        meter.Count("presence.shared.holes", "{hole}", "Places where the journal lacked what was to be shipped.", () => shared.Holes.Value);
        meter.Count("presence.shared.unshared", "{commit}", "Commits of the journal whose statuses were acknowledged though Redis did not have them: it was away, or took too long.", () => shared.Unshared.Value);
        meter.Count("presence.shared.poison", "{record}", "What was passed over because no node can have written it.", () => shared.Poison.Value);
        meter.Count("presence.shared.asked", "{user}", "Users asked of Redis.", () => shared.Asked.Value);
        meter.Count("presence.shared.answered_locally", "{user}", "Users answered without Redis though it might know more.", () => shared.AnsweredLocally.Value);
        meter.Count("presence.shared.swept", "{record}", "Records past the retention that were deleted from Redis.", () => shared.Swept.Value);
    }
}
