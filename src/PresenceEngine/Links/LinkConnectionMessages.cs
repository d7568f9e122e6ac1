using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// The connection of a link: to the one shard that writes to it from here on. Its <see cref="ConnectionPort.WriteWelcome"/> is called with
/// the time of the server and nothing else of meaning: what a GatewayWelcome says more, the host knows. An older connection of the same
/// gateway is told REPLACED and closed. Lost, Goodbye, Drained, faults and queries are posted for it as for a session's connection, to the
/// same shard.
/// </summary>
public sealed class LinkAttached(ConnectionPort connection, int gateway) : ShardMessage
{
    internal override void Apply(Shard shard) => shard.Links.Attach(connection, gateway);
}

/// <summary>Every transition of every user is sent on this link from now on.</summary>
public sealed class WatchAllRequest(ConnectionPort connection, ulong requestId) : ReadRequest([])
{
    internal override ConnectionPort? From => connection;

    internal override void Apply(Shard shard) => shard.Links.WatchAll(connection, requestId);
}

/// <summary>Tells the gateway that every frame up to <paramref name="seq"/> has been taken.</summary>
public sealed class LinkAck(ConnectionPort connection, ulong seq) : ShardMessage
{
    internal override void Apply(Shard shard) =>
        shard.Outbox.Send(connection, new ServerFrame { SessionsAck = new SessionsAck { Seq = seq } });
}
