using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Presence.Engine;
using Presence.Server.Admin;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;
using Presence.Server.Storage.Shared;
using Presence.Server.Tests.Storage.Journal;
using StackExchange.Redis;
using Xunit;

namespace Presence.Server.Tests.Storage.Shared;

/// <summary>What is registered is put together, and works.</summary>
public sealed class SharedStoreRegistrationTests(RedisFixture fixture) : IClassFixture<RedisFixture>
{
    [Fact]
    public async Task A_node_that_has_it_ships_and_reads_through()
    {
        await using var stores = new JournaledStores();
        await using ServiceProvider provider = Register(new ServiceCollection(), stores).BuildServiceProvider(validateScopes: true);
        IHostedService[] hosted = [.. provider.GetServices<IHostedService>()];
        Assert.Equal(3, hosted.Length);
        Assert.All(hosted, static service => service.StartAsync(CancellationToken.None).GetAwaiter().GetResult());

        IJournalLane lane = provider.GetRequiredService<DiskJournal>().Open(0);
        lane.Append(new JournalEntry(ShippingNode.Left(1, 1), TransitionCause.Goodbye, IsVisible: true, Text: null));
        Assert.True(await JournaledStores.CommitAsync(lane));
        Assert.True(await provider.GetRequiredService<JournalShipper>().ShippedAsync());
        var read = new TestRead(1);
        Assert.IsType<ReadThroughStore>(provider.GetRequiredService<ILastActiveStore>()).Read(read);
        Assert.Equal([ShippingNode.Left(1, 1)], await read.Answer);
        Assert.Equal(["redis persistence", "shared store"], provider.GetServices<INodeCheck>().Select(static check => check.Check().Name));
        Assert.All(hosted, static service => service.StopAsync(CancellationToken.None).GetAwaiter().GetResult());
    }

    private IServiceCollection Register(IServiceCollection services, JournaledStores stores) => services
        .AddLogging()
        .AddSingleton(TimeProvider.System)
        .AddSingleton<SharedCounts>()
        .AddSingleton(_ => DataDirectory.Open(stores["a"]))
        .AddSingleton(static provider => DiskJournal.Open(
            provider.GetRequiredService<DataDirectory>(), new JournalOptions(), TimeProvider.System, NullLogger.Instance))
        .AddSingleton(static provider => Loaded(LastActiveStore.Open(
            provider.GetRequiredService<DataDirectory>(),
            new StoreOptions { MemoryBudget = 64 << 20 },
            TimeProvider.System,
            NullLogger.Instance,
            new CheckpointDisk(),
            provider.GetRequiredService<DiskJournal>())))
        .AddSingleton<ILastActiveStore>(static provider => provider.GetRequiredService<LastActiveStore>())
        .AddSingleton<IConnectionMultiplexer>(_ => ConnectionMultiplexer.Connect(fixture.Process.Address.ToString()))
        .AddSingleton<IOwnership, Nobody>()
        .AddSharedStore($"{Guid.NewGuid():N}:", "a", new SharedStoreOptions());

    private static LastActiveStore Loaded(LastActiveStore store)
    {
        store.Load();
        return store;
    }

    private sealed class Nobody : IOwnership
    {
        public bool HasOwnedSince(ulong userId, ulong version) => false;

        public bool IsHome(ulong userId) => true;
    }
}
