namespace Presence.Engine;

/// <summary>The lanes between all shards of a node: one for each ordered pair.</summary>
internal sealed class Mesh
{
    // What a lane may hold; of many shards each has less, so that all lanes together have some 16 million places at the most.
    private const int LaneCapacity = 1_024;
    private const int CapacityOfSender = 65_536;

    private readonly PeerLane[,] _lanes;
    private readonly MailFlags[] _mail;

    public Mesh(IReadOnlyList<Inbox> inboxes)
    {
        int capacity = Math.Min(LaneCapacity, CapacityOfSender / inboxes.Count);
        _mail = [.. inboxes.Select(_ => new MailFlags(inboxes.Count))];
        _lanes = new PeerLane[inboxes.Count, inboxes.Count];
        for (int from = 0; from < inboxes.Count; from++)
        {
            for (int to = 0; to < inboxes.Count; to++)
            {
                _lanes[from, to] = new PeerLane(from, inboxes[to], _mail[to], capacity);
            }
        }
    }

    public int Shards => _lanes.GetLength(0);

    public PeerLane Lane(int from, int to) => _lanes[from, to];

    /// <summary>Who has something for a shard.</summary>
    public MailFlags MailOf(int shard) => _mail[shard];
}
