using Presence.Server.Tests.Storage.Journal;
using Presence.TestKit;
using StackExchange.Redis;
using Xunit;

namespace Presence.Server.Tests.Storage.Shared;

/// <summary>A primary that dies with writes its replica has not: Sentinel promotes the replica, and the node ships those writes once more.</summary>
public sealed class FailOverTests
{
    private const string Name = "presence";

    [Fact]
    public async Task A_replica_that_is_promoted_is_shipped_what_it_lacks()
    {
        await using RedisProcess primary = await RedisProcess.StartAsync();
        await using RedisProcess replica = await primary.ReplicateAsync();
        await using SharedRedis direct = await SharedRedis.OfAsync(primary);
        await UntilAsync(async () => await ReplicasAsync(direct) == 1);
        await using RedisProcess sentinel = await primary.WatchAsync(Name);
        await using var stores = new JournaledStores();
        await using SharedRedis redis = await SharedRedis.WatchedByAsync(sentinel, Name);
        await using ShippingNode node = await ShippingNode.StartAsync(redis, stores);
        await PutAsync(node, 1, 30);
        await node.ShippedAsync();
        // It waits for the last write of its own connection, so there has to be one behind all of the node's.
        await direct.Database.StringSetAsync("behind", 1);
        Assert.Equal(1, await direct.Database.ExecuteAsync("WAIT", 1, 10_000).ContinueWith(static replicas => (int)replicas.Result, TaskScheduler.Default));

        // From here on the replica gets nothing: it stands still, and its connection is gone when it goes on.
        replica.Pause();
        await direct.Database.ExecuteAsync("CLIENT", "KILL", "TYPE", "replica");
        await PutAsync(node, 31, 60);
        await node.ShippedAsync();
        await primary.KillAsync();
        replica.Continue();
        await PutAsync(node, 61, 90);
        await node.ShippedAsync();

        Assert.Equal(1, node.Counts.Losses.Value);
        Assert.Equal(Enumerable.Range(1, 90).Select(static number => $"1 {ShippingNode.Version(number)}"), await redis.ChangesAsync());
        Assert.Equal(ShippingNode.Left(1, 90), await redis.ReadAsync(1));
    }

    private static async Task PutAsync(ShippingNode node, int first, int last)
    {
        for (int number = first; number <= last; number++)
        {
            await node.PutAsync(ShippingNode.Left(1, number));
        }
    }

    private static async Task<int> ReplicasAsync(SharedRedis redis) => (await redis.Connection.GetServer(redis.Process.Address).RoleAsync()) is Role.Master master ? master.Replicas.Count : 0;

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }
}
