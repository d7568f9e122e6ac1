using Presence.Protocol;

namespace Presence.Engine;

/// <summary>
/// A shard's end of the channels to all other nodes: what it says to each, and what they say to its node. A batch comes to the shard of the sender's number and goes on from there by the lanes between shards, so that what one
/// sender says stays in order.
/// </summary>
internal sealed class Nodes(Shard shard, IPeerTransport transport)
{
    private readonly Dictionary<int, NodeLane> _lanes = [];
    private readonly Dictionary<ShardAddress, ChannelReceiver> _receivers = [];

    public RemoteHomes Homes { get; } = new(shard);

    public RemoteSessions Sessions { get; } = new(shard);

    /// <summary>What the next batch to a node has; null: there is no channel to it.</summary>
    public PeerBatch? To(int node) => _lanes.TryGetValue(node, out NodeLane? lane) ? lane.Open : null;

    /// <summary>There is a channel to a node from now on.</summary>
    /// <param name="incarnation">As <see cref="ChannelStamp.Incarnation"/>: of this node.</param>
    public void Open(int node, ulong incarnation) => _lanes[node] = new NodeLane(node, incarnation);

    /// <summary>There is none any more.</summary>
    public void Close(int node)
    {
        _lanes.Remove(node);
        Homes.Lost(node);
    }

    /// <summary>Transitions of users whose home is here, for every node that listens.</summary>
    public void Broadcast(ReadOnlySpan<PresenceState> changes)
    {
        foreach (NodeLane lane in _lanes.Values)
        {
            lane.Add(changes);
        }
    }

    public void EndTurn()
    {
        foreach (NodeLane lane in _lanes.Values)
        {
            lane.Flush(shard, transport);
        }
    }

    public void Settled(int node, in ChannelStamp stamp, bool isTaken)
    {
        if (_lanes.TryGetValue(node, out NodeLane? lane) && !lane.Settle(stamp, isTaken, shard.Time.Now))
        {
            Homes.Lost(node);
        }
    }

    /// <returns>Whether it was taken.</returns>
    public bool Arrived(ShardAddress from, in ChannelStamp stamp, PeerBatch batch)
    {
        if (!_receivers.TryGetValue(from, out ChannelReceiver? receiver))
        {
            _receivers[from] = receiver = new ChannelReceiver();
        }

        BatchVerdict verdict = receiver.Receive(stamp);
        if (verdict is BatchVerdict.Next or BatchVerdict.Reset)
        {
            Apply(from, batch);
        }

        return verdict != BatchVerdict.Refused;
    }

    private void Apply(ShardAddress from, PeerBatch batch)
    {
        shard.Versions.Merge(batch.Clock);
        // What only a user may know comes before what all see, so that its own sessions are not told that first.
        foreach (HomeWord word in batch.Words)
        {
            Homes.Take(word);
        }

        if (batch.Changes.Count > 0)
        {
            shard.Relay(batch.Changes.Values, batch.Clock);
        }

        foreach (SessionReport report in batch.Reports)
        {
            shard.Tell(report.UserId, new ReportArrived(from, report));
        }

        foreach (PeerAnswer answer in batch.Answers)
        {
            Homes.Take(answer);
        }

        foreach (PeerQuestion question in batch.Questions)
        {
            shard.Watching.Ask(new RemoteQuestion(shard, from, question));
        }
    }

    private sealed class ReportArrived(ShardAddress from, SessionReport report) : PeerMessage
    {
        internal override void Apply(Shard shard) => shard.Nodes!.Sessions.Take(from, report);
    }
}
