using Presence.Engine;

namespace Presence.Simulation;

/// <summary>What holds when all is over.</summary>
internal static class ClusterEnd
{
    /// <summary>Nobody who has left takes memory anywhere, and nobody waits for anything.</summary>
    public static void CheckNothingIsLeft(ClusterWorld world)
    {
        foreach (Shard shard in world.Members.Where(static member => member.Process is not null).SelectMany(static member => member.Process!.Threads).Select(static thread => thread.Shard))
        {
            int stays = world.Clients.Count > 0 ? 1 : 0;
            if (shard.Users.Count > stays || shard.Connections.Count > stays || shard.Nodes!.Homes.Waiting > 0)
            {
                throw new ViolationException("leaks", $"{shard.Address} has {shard.Users.Count} users, {shard.Connections.Count} connections and {shard.Nodes!.Homes.Waiting} questions when all have left");
            }
        }
    }
}
