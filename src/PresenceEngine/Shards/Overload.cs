namespace Presence.Engine;

/// <summary>
/// What a node does without when it has too much to do, in this order; each step includes those before. Transitions are in no step: they are never dropped (P8).
/// Signals and counts, which would go first, are not served yet.
/// </summary>
public enum OverloadStep : byte
{
    /// <summary>All is served.</summary>
    None,

    /// <summary>Heartbeats are asked for half as often.</summary>
    Heartbeats,

    /// <summary>A change of a status text alone is refused, and heartbeats are asked for a quarter as often.</summary>
    Texts,

    /// <summary>Questions are refused; watches are taken.</summary>
    Reads,

    /// <summary>Who was not here before is told to come later.</summary>
    NewSessions,
}

/// <summary>The node's load has become another. Sent by the host, which measures it.</summary>
/// <param name="step">From now on.</param>
/// <param name="retryAfterMs">What those who are refused are told.</param>
public sealed class OverloadChanged(OverloadStep step, uint retryAfterMs) : ShardMessage
{
    internal override void Apply(Shard shard)
    {
        shard.Overload.Step = step;
        shard.Overload.RetryAfterMs = retryAfterMs;
        shard.Pace.Doublings = step switch { OverloadStep.None => 0, OverloadStep.Heartbeats => 1, _ => HeartbeatPace.MostDoublings };
    }
}

/// <summary>The step a shard is in.</summary>
public sealed class Overload
{
    /// <summary>In an answer: a change of a status text alone.</summary>
    public const string StatusText = "status_text";

    /// <summary>In an answer: a question.</summary>
    public const string Reads = "reads";

    internal OverloadStep Step { get; set; }

    internal uint RetryAfterMs { get; set; }

    internal bool Sheds(OverloadStep step) => Step >= step;
}
