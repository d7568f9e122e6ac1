namespace Presence.Engine;

/// <summary>Brings what a batch of another node says to the shards of this one that it concerns, by the lanes between them: what one sender says stays in order.</summary>
internal sealed class Deliveries(Shard shard)
{
    // Edges at which gateways name their sets, by what they said last.
    private readonly HashSet<ShardAddress> _naming = [];

    private Nodes Nodes => shard.Nodes!;

    /// <summary>Brings all of a batch.</summary>
    /// <param name="since">As <see cref="ChannelReceiver.Since"/>.</param>
    public void Bring(ShardAddress from, PeerBatch batch, long since)
    {
        shard.Versions.Merge(batch.Clock);
        // What only a user may know comes before what all see, so that its own sessions are not told that first.
        foreach (HomeWord word in batch.Words)
        {
            Nodes.Homes.Take(word, batch.Clock);
        }

        if (batch.Changes.Count > 0)
        {
            shard.Relay(batch.Changes.Values, batch.Clock);
        }

        foreach (SessionReport report in batch.Reports)
        {
            shard.Tell(report.UserId, new ReportArrived(from, report, DueAt(batch)));
        }

        Tell(from, batch.Namings, DueAt(batch));
        if (batch.SentAwayMs > 0)
        {
            (long heldMs, long due) = (batch.SentAwayMs, DueAt(batch));
            TellAll(() => new SentAwayArrived(from, heldMs, due));
        }

        if (batch.IsComplete)
        {
            (int shards, long by, long? goneLeftMs, long due) = (batch.Shards, batch.RingVersion, batch.GoneLeftMs, DueAt(batch));
            TellAll(() => new CompleteArrived(from, shards, by, since, goneLeftMs, due));
        }

        foreach (PeerAnswer answer in batch.Answers)
        {
            Nodes.Homes.Take(answer);
        }

        foreach (PeerQuestion question in batch.Questions)
        {
            Nodes.Take(new QuestionArrived(from, question, DueAt(batch)));
        }
    }

    // Behind what has been named.
    private void Tell(ShardAddress from, List<LinkNaming> namings, long due)
    {
        bool had = _naming.Contains(from);
        if (namings.Count > 0 || had)
        {
            LinkNaming[] all = [.. namings];
            TellAll(() => new NamingsArrived(from, all, due));
        }

        if (had != (namings.Count > 0))
        {
            _ = had ? _naming.Remove(from) : _naming.Add(from);
        }
    }

    /// <summary>The ring that a shard has to follow before it takes what a batch says: the sender's, and that which this shard follows, since a sibling that does not yet may forget what it was told.</summary>
    public long DueAt(PeerBatch batch) => Math.Max(batch.RingVersion, shard.Routing.Version);

    /// <summary>To every shard of this node.</summary>
    public void TellAll(Func<PeerMessage> message)
    {
        for (int to = 0; to < shard.Topology.Shards; to++)
        {
            shard.TellShard(to, message());
        }
    }
}
