namespace Presence.LoadClient.Connections;

/// <summary>What the sessions of a generator have in common.</summary>
/// <param name="Servers">Where to.</param>
/// <param name="Tokens">Who they are.</param>
/// <param name="Events">Who hears of them.</param>
/// <param name="Random">Spreads their heartbeats.</param>
internal sealed record SessionPlan(EventLoop Loop, Servers Servers, UserTokens Tokens, ISessionEvents Events, Random Random)
{
    /// <summary>Longer than any server takes that is to be measured: what has not come up by then never will.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public HeartbeatCounts Heartbeats { get; } = new();
}

/// <summary>Over all sessions of a generator.</summary>
internal sealed class HeartbeatCounts
{
    /// <summary>By the schedule.</summary>
    public long Sent { get; set; }

    /// <summary>Beside the schedule, to be acked.</summary>
    public long RoundTrips { get; set; }

    /// <summary>Of both.</summary>
    public long Acked { get; set; }
}
