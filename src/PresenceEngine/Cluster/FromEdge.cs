namespace Presence.Engine;

/// <summary>What an edge has said, on its way from the shard that took the batch to the one that it concerns.</summary>
/// <param name="ringVersion">Of the ring that it was said by.</param>
internal abstract class FromEdge(long ringVersion) : PeerMessage
{
    public long RingVersion => ringVersion;

    internal abstract void Take(Shard shard);

    internal sealed override void Apply(Shard shard) => shard.Nodes!.Take(this);
}

internal sealed class ReportArrived(ShardAddress from, SessionReport report, long ringVersion) : FromEdge(ringVersion)
{
    internal override void Take(Shard shard) => shard.Nodes!.Sessions.Take(from, report);
}

/// <summary>It begins anew.</summary>
internal sealed class ResetArrived(ShardAddress from, long ringVersion) : FromEdge(ringVersion)
{
    internal override void Take(Shard shard) => shard.Nodes!.BeginAnew(from);
}

/// <summary>It has named all of its sessions.</summary>
/// <param name="shards">Of its node.</param>
internal sealed class CompleteArrived(ShardAddress from, int shards, long ringVersion) : FromEdge(ringVersion)
{
    internal override void Take(Shard shard)
    {
        shard.Nodes!.Sessions.Complete(from);
        shard.Nodes.Warming.Complete(from, RingVersion, shards);
    }
}

/// <summary>It is dead, or not heard any more.</summary>
/// <param name="slotMs">As <see cref="RemoteSessions.Lost"/>.</param>
/// <param name="watermarkMs">As <see cref="RemoteSessions.Lost"/>.</param>
internal sealed class EdgeLost(ShardAddress edge, long slotMs, long watermarkMs, long ringVersion) : FromEdge(ringVersion)
{
    internal override void Take(Shard shard) => shard.Nodes!.Sessions.Lost(edge, slotMs, watermarkMs);
}
