using Presence.Server.Admin;
using Presence.Server.Cluster.Rehearsing;
using Presence.Server.Configuration;
using Presence.Server.Storage.Shared;
using StackExchange.Redis;

namespace Presence.Server.Cluster;

/// <summary>Where this node is among all.</summary>
/// <param name="Node">Its ordinal; 0 alone.</param>
/// <param name="Transport">To the others; null: there are none.</param>
internal sealed record Place(int Node, PeerTransport? Transport);

/// <summary>What a member of a cluster has beside a node that is alone, which has nothing of it.</summary>
internal static class ClusterRegistration
{
    /// <summary>Behind the node's own store, which goes on as a part of the shared one.</summary>
    public static IServiceCollection AddCluster(this IServiceCollection services, Joining? joining, PresenceConfiguration configuration, IHostEnvironment environment)
    {
        if (joining is null)
        {
            return services.AddSingleton(new Place(0, null)).AddSingleton<INodeDirectory, NoOtherNodes>();
        }

        var shared = new SharedStoreOptions
        {
            Retention = configuration.Store.Retention,
            ChangesRetention = configuration.Journal.Retention,
            Shards = configuration.Shards,
            MustPersist = environment.IsProduction(),
        };
        return services
            .AddSingleton(joining)
            .AddSingleton(joining.Connection)
            .AddSingleton(static services => new Registry(services.GetRequiredService<IConnectionMultiplexer>().GetDatabase()))
            .AddSingleton<PeerTransport>()
            .AddSingleton(static services => new Place(services.GetRequiredService<Joining>().Name.Ordinal, services.GetRequiredService<PeerTransport>()))
            .AddSingleton<PeerInbox>()
            .AddSingleton<Ownership>()
            .AddSingleton<IOwnership>(static services => services.GetRequiredService<Ownership>())
            .AddSharedStore(Registry.Prefix, configuration.Cluster.NodeId, shared)
            .AddSingleton<ViewFollower>()
            .AddSingleton<HandingOver>()
            .AddSingleton<INodeDirectory, NodeDirectory>()
            .AddSingleton<BeforeJoining>()
            .AddSingleton<Membership>()
            .AddSingleton<Seclusion>()
            .AddSingleton<INodeCheck, ClusterHealth>();
    }

    /// <summary>Behind the shards, which it tells of the others, and in front of the listeners.</summary>
    public static IServiceCollection AddMembership(this IServiceCollection services, Joining? joining) =>
        joining is null ? services : services
            .AddHostedService(static services => services.GetRequiredService<Membership>())
            .AddHostedService<RevocationCatchUp>()
            .AddHostedService<GhostSweep>()
            .AddHostedService(static services => services.GetRequiredService<Seclusion>());
}
