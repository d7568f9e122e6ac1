using Presence.V1;

namespace Presence.Engine;

/// <summary>What a shard has done since it began. Written by the shard's thread; read by metrics, which need no exact moment.</summary>
public sealed class ShardCounters(int gateways)
{
    public long Turns { get; internal set; }
    public long SessionsOpened { get; internal set; }
    public long SessionsResumed { get; internal set; }
    public long SessionsRefused { get; internal set; }
    public long FlaggedBeats { get; internal set; }
    public long DeadlinesVisited { get; internal set; }
    public long Deliveries { get; internal set; }
    public long DeliveriesCoalesced { get; internal set; }
    public long Flushes { get; internal set; }
    public long Closed { get; internal set; }
    public long SlowConsumers { get; internal set; }

    /// <summary>Explicit statuses that were more than the user's rate allows, and had to wait.</summary>
    public long StatusesDelayed { get; internal set; }

    public long Questions { get; internal set; }

    /// <summary>Hellos that were given a slot, and what they said of a session that is held until then.</summary>
    public long SessionsDeferred { get; internal set; }

    /// <summary>Connections of sessions, links and operators who watch: a level, not a count.</summary>
    public int Connections { get; internal set; }

    /// <summary>Users in memory: a level, not a count; as of the last tick.</summary>
    public long Users { get; internal set; }

    /// <summary>Users named in beats of links.</summary>
    public long LinkBeats { get; internal set; }

    /// <summary>Users who are up on the link of each gateway, by its ordinal: a level, not a count.</summary>
    public long[] LinkSessions { get; } = new long[gateways];

    /// <summary>Transitions by <see cref="TransitionCause"/>.</summary>
    public long[] Transitions { get; } = new long[Enum.GetValues<TransitionCause>().Length];

    /// <summary>From the truth to the transition, by <see cref="TransitionCause"/>; see <see cref="Detection"/>.</summary>
    public LatencyHistogram[] Detection { get; } = [.. Enum.GetValues<TransitionCause>().Select(static _ => new LatencyHistogram())];

    /// <summary>From the transition to the last watcher of a shard; see <see cref="Propagation"/>.</summary>
    public LatencyHistogram Propagation { get; } = new();

    /// <summary>Connections that the shard has closed; UNSPECIFIED after a Goodbye.</summary>
    public Tally<CloseCode> Closes { get; } = new();

    /// <summary>Connections that ended without a word of either side.</summary>
    public long Lost { get; internal set; }

    /// <summary>Limits that were hit on a shard: those judged there, and those of which a shard tells the client.</summary>
    public LimitHits Limits { get; } = new();

    /// <summary>What the shard let go.</summary>
    public Sheds Sheds { get; } = new();

    public ShardLevels Levels { get; } = new();
}
