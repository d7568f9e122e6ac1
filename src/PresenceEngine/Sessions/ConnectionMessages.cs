using Presence.V1;

namespace Presence.Engine;

/// <summary>A frame that the host has to say on a connection; the shard is its only writer.</summary>
public sealed class ConnectionNotice(ConnectionPort connection, ServerFrame frame) : ShardMessage
{
    internal override void Apply(Shard shard) => shard.Outbox.Send(connection, frame);
}

/// <summary>What the transport itself owes its peer, such as the answer to a ping; the shard is its only writer.</summary>
public sealed class TransportReply(ConnectionPort connection, byte[] bytes) : ShardMessage
{
    internal override void Apply(Shard shard) => shard.Outbox.Reply(connection, bytes);
}

/// <summary>The host ends a connection: GoAway with this code, then the close. Its session, if it has one, is held as after any loss.</summary>
public sealed class ConnectionClosing(ConnectionPort connection, CloseCode code) : ShardMessage
{
    internal override void Apply(Shard shard) => shard.Edge.Close(connection, code);
}
