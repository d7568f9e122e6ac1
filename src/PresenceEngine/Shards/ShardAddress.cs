namespace Presence.Engine;

/// <summary>Where a shard is. Nothing above routing knows whether that is a lane of this process or a channel to a peer.</summary>
/// <param name="Node">Ordinal of the node.</param>
/// <param name="Shard">Number of the shard on that node.</param>
public readonly record struct ShardAddress(int Node, int Shard)
{
    /// <summary>Of another node, whose shards only it knows: it finds the one.</summary>
    public const int AnyShard = -1;
}
