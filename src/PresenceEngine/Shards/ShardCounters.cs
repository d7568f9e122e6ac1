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
    public long Questions { get; internal set; }

    /// <summary>Hellos that were given a slot, and what they said of a session that is held until then.</summary>
    public long SessionsDeferred { get; internal set; }

    /// <summary>What was refused because the node was overloaded, by <see cref="OverloadStep"/>.</summary>
    public long[] Shed { get; } = new long[Enum.GetValues<OverloadStep>().Length];

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
}
