using Presence.Engine;
using Presence.Server.Admin;
using Presence.Server.Storage.Journal;
using StackExchange.Redis;

namespace Presence.Server.Storage.Shared;

/// <summary>Puts the shared store together: reads like its table of contents.</summary>
internal static class SharedStoreRegistration
{
    /// <summary>
    /// To be called behind what registers the local store, in whose place <see cref="ReadThroughStore"/> comes, and the local journal, in whose place <see cref="SharedJournal"/> does. The container has to have an <see cref="IConnectionMultiplexer"/> and an
    /// <see cref="IOwnership"/>.
    /// </summary>
    /// <param name="services">Of the node.</param>
    /// <param name="prefix">Of all keys; the cluster's.</param>
    /// <param name="nodeId">No other living node has it.</param>
    /// <param name="options">What the operator chose.</param>
    public static IServiceCollection AddSharedStore(this IServiceCollection services, string prefix, string nodeId, SharedStoreOptions options) => services
        .AddSingleton(options)
        .AddSingleton(new SharedKeys(prefix))
        .AddSingleton<RedisLink>()
        .AddSingleton<SharedRecords>()
        .AddSingleton<SharedChanges>()
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<ShipTarget>(provider, nodeId))
        .AddSingleton(static provider => ActivatorUtilities.CreateInstance<JournalShipper>(
            provider, provider.GetRequiredService<LastActiveStore>(), provider.GetRequiredService<DataDirectory>().ShippedPath, provider.GetRequiredService<SharedStoreOptions>().Shards))
        .AddSingleton<IJournal>(static provider => ActivatorUtilities.CreateInstance<SharedJournal>(provider, provider.GetRequiredService<DiskJournal>()))
        .AddSingleton<ILastActiveStore>(static provider => ActivatorUtilities.CreateInstance<ReadThroughStore>(provider, provider.GetRequiredService<LastActiveStore>()))
        .AddSingleton(static provider => ActivatorUtilities.CreateInstance<SharedSweep>(
            provider, (Func<ulong, bool>)provider.GetRequiredService<IOwnership>().IsHome, new Random()))
        .AddSingleton<RedisPersistence>()
        .AddSingleton<INodeCheck>(static provider => provider.GetRequiredService<RedisPersistence>())
        .AddSingleton<INodeCheck, SharedHealth>()
        .AddHostedService(static provider => provider.GetRequiredService<RedisPersistence>())
        .AddHostedService(static provider => provider.GetRequiredService<JournalShipper>())
        .AddHostedService(static provider => provider.GetRequiredService<SharedSweep>());
}
