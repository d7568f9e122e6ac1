namespace Presence.Engine;

/// <summary>What the shards of a node share.</summary>
/// <param name="Options">Times, limits and budgets.</param>
/// <param name="Topology">Who is where.</param>
/// <param name="Store">What is kept of users who are not in memory.</param>
/// <param name="Journal">What survives the process at once.</param>
/// <param name="Seed">Of all randomness of the engine.</param>
public sealed record ShardSetup(ShardOptions Options, Topology Topology, ILastActiveStore Store, IJournal Journal, int Seed)
{
    /// <summary>The network to other nodes; null: there are none.</summary>
    public IPeerTransport? Transport { get; init; }

    /// <summary>Makes all shards of a node, connected.</summary>
    /// <param name="wakes">How to wake the thread of each shard; as many as the topology has shards.</param>
    /// <param name="start">The present.</param>
    public Shard[] Build(IReadOnlyList<IWake> wakes, TurnTime start)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(wakes.Count, Topology.Shards);
        Inbox[] inboxes = [.. wakes.Select(wake => new Inbox(Options.Inbox, wake))];
        var mesh = new Mesh(inboxes);
        return [.. inboxes.Select((inbox, number) => new Shard(new(Topology.Node, number), this, inbox, mesh, start))];
    }
}
