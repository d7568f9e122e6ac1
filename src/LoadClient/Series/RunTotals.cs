namespace Presence.LoadClient.Series;

/// <summary>What the generators of a run have done so far, since it began; <see cref="SessionsUp"/> is how it stands now.</summary>
internal readonly record struct RunTotals
{
    public long SessionsUp { get; init; }

    /// <summary>Changes of presence that were asked for.</summary>
    public long Changes { get; init; }

    /// <summary>Changes that watchers were told of.</summary>
    public long Deliveries { get; init; }

    /// <summary>Heartbeats sent.</summary>
    public long Heartbeats { get; init; }

    /// <summary>User ids that queries were answered for.</summary>
    public long Reads { get; init; }

    /// <summary>Connections that did not come up or were lost, and Error frames.</summary>
    public long Failures { get; init; }

    /// <summary>Two generators of one run taken together.</summary>
    public static RunTotals operator +(RunTotals a, RunTotals b) => new()
    {
        SessionsUp = a.SessionsUp + b.SessionsUp,
        Changes = a.Changes + b.Changes,
        Deliveries = a.Deliveries + b.Deliveries,
        Heartbeats = a.Heartbeats + b.Heartbeats,
        Reads = a.Reads + b.Reads,
        Failures = a.Failures + b.Failures,
    };
}
