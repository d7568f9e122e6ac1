namespace Presence.Engine;

/// <summary>What an edge has said, on its way from the shard that took the batch to the one that it concerns.</summary>
/// <param name="ringVersion">Of the ring that a shard has to follow before it takes it.</param>
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

internal sealed class QuestionArrived(ShardAddress from, PeerQuestion question, long ringVersion) : FromEdge(ringVersion)
{
    internal override void Take(Shard shard) => shard.Watching.Ask(new RemoteQuestion(shard, from, question));
}

/// <summary>It begins anew.</summary>
/// <param name="knownUntilMs">As <see cref="RemoteSessions.Begin"/>.</param>
internal sealed class ResetArrived(ShardAddress from, long knownUntilMs, long ringVersion) : FromEdge(ringVersion)
{
    internal override void Take(Shard shard) => shard.Nodes!.BeginAnew(from, knownUntilMs);
}

/// <summary>It has named all of its sessions.</summary>
/// <param name="shards">Of its node.</param>
/// <param name="by">The ring by which it has.</param>
/// <param name="since">As <see cref="ChannelReceiver.Since"/>.</param>
/// <param name="goneLeftMs">Its <see cref="GoneNodes.LeftMs"/>.</param>
internal sealed class CompleteArrived(ShardAddress from, int shards, long by, long since, long? goneLeftMs, long ringVersion) : FromEdge(ringVersion)
{
    internal override void Take(Shard shard)
    {
        shard.Nodes!.Sessions.Complete(from);
        shard.Nodes.Warming.Complete(from, since, by, shards, goneLeftMs);
    }
}

/// <summary>Its node has sent its clients away.</summary>
/// <param name="heldMs">For how long they are held.</param>
internal sealed class SentAwayArrived(ShardAddress from, long heldMs, long ringVersion) : FromEdge(ringVersion)
{
    internal override void Take(Shard shard) => shard.Nodes!.Warming.Gone.SentAway(from.Node, heldMs);
}

/// <summary>Who names its set there.</summary>
internal sealed class NamingsArrived(ShardAddress from, LinkNaming[] namings, long ringVersion) : FromEdge(ringVersion)
{
    internal override void Take(Shard shard) => shard.Nodes!.Namings.Take(from, namings);
}

/// <summary>It is dead, or not heard any more.</summary>
/// <param name="slotMs">As <see cref="RemoteSessions.Lost"/>.</param>
/// <param name="watermarkMs">As <see cref="RemoteSessions.Lost"/>.</param>
internal sealed class EdgeLost(ShardAddress edge, long slotMs, long watermarkMs, long ringVersion) : FromEdge(ringVersion)
{
    internal override void Take(Shard shard)
    {
        shard.Nodes!.Sessions.Lost(edge, slotMs, watermarkMs);
        shard.Nodes.Namings.Lost(edge, slotMs + shard.Options.HoldMs);
    }
}
