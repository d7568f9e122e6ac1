namespace Presence.Engine;

/// <summary>The lanes between all shards of a node: one for each ordered pair.</summary>
internal sealed class Mesh
{
    private readonly PeerLane[,] _lanes;

    public Mesh(IReadOnlyList<Inbox> inboxes)
    {
        _lanes = new PeerLane[inboxes.Count, inboxes.Count];
        for (int from = 0; from < inboxes.Count; from++)
        {
            for (int to = 0; to < inboxes.Count; to++)
            {
                _lanes[from, to] = new PeerLane(inboxes[to]);
            }
        }
    }

    public int Shards => _lanes.GetLength(0);

    public PeerLane Lane(int from, int to) => _lanes[from, to];
}
