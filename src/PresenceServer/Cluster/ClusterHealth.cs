using System.Globalization;
using Presence.Server.Admin;
using Presence.Server.Hosting;

namespace Presence.Server.Cluster;

/// <summary>
/// How this node is as a member. Failed until it knows its users for the first time, and is not one of two that were never three, so that no client is sent to it before. Afterwards it is degraded at most: a node that is no member for a moment keeps its clients,
/// and would be no better without them; unless it hears less than half of the others, and sends its clients to them.
/// </summary>
internal sealed class ClusterHealth(Membership membership, Seclusion seclusion, ShardSet shards, IHostEnvironment environment) : INodeCheck
{
    private const string Name = "cluster";

    // Once true it stays.
    private volatile bool _hasBeenReady;

    public HealthCheck Check()
    {
        if (seclusion.IsSecluded)
        {
            return new(Name, NodeHealth.Failed, "The node hears less than half of the members: it sends its clients to the others.");
        }

        string? problem = Problem();
        _hasBeenReady |= membership.Problem is null && !IsWarming && (!AreTwo || membership.HasGrown);
        return problem is null
            ? new(Name, NodeHealth.Ok, string.Create(CultureInfo.InvariantCulture, $"{membership.View!.Ring.Count()} members of version {membership.View.Version}."))
            : new(Name, _hasBeenReady ? NodeHealth.Degraded : NodeHealth.Failed, problem);
    }

    private bool IsWarming => shards.All.Any(static shard => shard.Counters.Levels.IsWarming);

    // Where they were never more it is how they were set up, and is refused; else one is missing, and who starts meanwhile is needed.
    private bool AreTwo => environment.IsProduction() && membership.View?.Ring.Count() == 2;

    private string? Problem()
    {
        if (membership.Problem is { } problem)
        {
            return $"No member: {problem}";
        }

        if (AreTwo)
        {
            return "There are two members: of two that lose each other each takes the other for dead. Run one node, or at least three.";
        }

        return IsWarming
            ? "Not every node has named its sessions by the present ring: of some users nothing is known, they are answered UNKNOWN."
            : null;
    }
}
