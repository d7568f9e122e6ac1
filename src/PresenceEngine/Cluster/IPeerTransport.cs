namespace Presence.Engine;

/// <summary>The network between nodes, as a shard uses it.</summary>
public interface IPeerTransport
{
    /// <summary>
    /// Brings a batch to a node; must not block. What becomes of it is posted as <see cref="BatchSettled"/> to the shard, once, whatever happens; at the other end it is posted as
    /// <see cref="BatchArrived"/> to the shard whose number is the sender's, modulo the shards there are.
    /// </summary>
    void Send(int node, ShardAddress from, in ChannelStamp stamp, PeerBatch batch);
}

/// <summary>It is known whether a batch was taken, or nobody waits for that any longer.</summary>
public sealed class BatchSettled(int node, ChannelStamp stamp, bool isTaken) : ShardMessage
{
    internal override void Apply(Shard shard) => shard.Nodes!.Settled(node, stamp, isTaken);
}

/// <summary>A batch of another node.</summary>
/// <param name="taken">Told on the shard's thread, once, whether it was taken; must not block.</param>
public sealed class BatchArrived(ShardAddress from, ChannelStamp stamp, PeerBatch batch, Action<bool> taken) : ShardMessage
{
    internal override void Apply(Shard shard) => taken(shard.Nodes!.Arrived(from, stamp, batch));
}
