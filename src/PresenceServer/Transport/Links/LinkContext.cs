using Presence.Server.Configuration;
using Presence.Server.Hosting;

namespace Presence.Server.Transport.Links;

/// <summary>What every gateway of the node needs.</summary>
internal sealed class LinkContext(PresenceConfiguration configuration, ShardSet shards, LinkRules rules, NodeClock clock, ILogger<Gateway> logger)
{
    // Enough that the shards never wait for the reader, little enough that a slow shard is felt at once.
    private const int FramesUnapplied = 4;

    public ShardSet Shards { get; } = shards;

    public LinkRules Rules { get; } = rules;

    public NodeClock Clock { get; } = clock;

    public ILogger Logger { get; } = logger;

    /// <summary>Users of one gateway that may wait for the shards.</summary>
    public int UnappliedUsers { get; } = configuration.Limits.LinkIds * FramesUnapplied;

    public long HoldMs { get; } = (long)configuration.Session.Hold.TotalMilliseconds;

    public long ResyncMs { get; } = (long)configuration.Session.LinkResync.TotalMilliseconds;

    /// <summary>d + 4δ.</summary>
    public long SilenceMs { get; } = (long)configuration.Session.LinkSilenceLimit().TotalMilliseconds;
}
