namespace Presence.Engine;

/// <summary>
/// Which gateways have users on this shard, or are linked to it? Answered on the shard's thread: must neither block nor throw.
/// </summary>
public sealed class LinksInspection(Action<IReadOnlyList<LinkReport>> answer) : ReadRequest([])
{
    internal override void Apply(Shard shard) => answer([.. shard.Links.All.Select(link => LinkReport.Of(shard, link))]);
}

/// <summary>A gateway's link on one shard; sum over the shards for the whole.</summary>
public sealed record LinkReport
{
    /// <summary>Ordinal of the gateway.</summary>
    public required int Gateway { get; init; }

    public required LinkState State { get; init; }

    /// <summary>
    /// How long it may stay in this state: until the held are let go, or until the set must have been named; 0 = no limit.
    /// </summary>
    public required long StateEndsInMs { get; init; }

    /// <summary>How often the set has been named anew.</summary>
    public required int Generation { get; init; }

    /// <summary>Up now.</summary>
    public required int Users { get; init; }

    /// <summary>Of them, named in this generation.</summary>
    public required int Named { get; init; }

    /// <summary>Users named in beats.</summary>
    public required long Beats { get; init; }

    /// <summary>Users who came up.</summary>
    public required long Ups { get; init; }

    /// <summary>Users who went, for whatever reason.</summary>
    public required long Downs { get; init; }

    /// <summary>Downs of users who were not up.</summary>
    public required long PassedOver { get; init; }

    /// <summary>Users who did not come up: too many devices, or no memory.</summary>
    public required long Refused { get; init; }

    /// <summary>Messages that wait to be applied.</summary>
    public required int Waiting { get; init; }

    /// <summary>What the shard that writes to the link knows of its connection; null on the others.</summary>
    public required LinkConnectionReport? Connection { get; init; }

    internal static LinkReport Of(Shard shard, GatewayLink link) => new()
    {
        Gateway = link.Ordinal,
        State = link.State,
        StateEndsInMs = link.EndsInMs,
        Generation = link.Set.Generation,
        Users = link.Set.Users,
        Named = link.Set.Named,
        Beats = link.Beats,
        Ups = link.Set.Ups,
        Downs = link.Set.Downs,
        PassedOver = link.PassedOver,
        Refused = link.Set.Refused,
        Waiting = link.Waiting,
        Connection = link.Connection is { } connection
            ? new(
                connection,
                connection.Has(ConnectionFlags.Congested),
                shard.Links.Watchers.IsWatching(connection),
                shard.Links.Watchers.LateOf(connection))
            : null,
    };
}

/// <param name="Port">The host's own object.</param>
/// <param name="Congested">The gateway does not read as fast as is written.</param>
/// <param name="WatchesAll">It is told of every transition.</param>
/// <param name="Late">Users whose latest state it has not been told.</param>
public sealed record LinkConnectionReport(ConnectionPort Port, bool Congested, bool WatchesAll, int Late);
