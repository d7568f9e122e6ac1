using Presence.Engine;
using Presence.Server.Diagnostics;
using Presence.Server.Tests.Storage.Journal;
using StackExchange.Redis;
using Xunit;

namespace Presence.Server.Tests.Storage.Shared;

/// <summary>What a node has journaled gets into Redis, once, whatever Redis has lost of it and whatever the journal lacks.</summary>
public sealed class JournalShipperTests(RedisFixture fixture) : IClassFixture<RedisFixture>, IAsyncLifetime
{
    private readonly JournaledStores _stores = new();
    private SharedRedis _redis = null!;

    public async ValueTask InitializeAsync() => _redis = await SharedRedis.OfAsync(fixture.Process);

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _stores.DisposeAsync();
    }

    [Fact]
    public async Task What_is_journaled_is_shipped_in_order()
    {
        await using ShippingNode node = await ShippingNode.StartAsync(_redis, _stores);
        for (int number = 1; number <= 50; number++)
        {
            await node.PutAsync([.. Enumerable.Range(1, number).Select(user => ShippingNode.Left((ulong)user, number))]);
        }

        Assert.True(await node.Shipper.ShippedAsync());
        Assert.Equal(
            Enumerable.Range(1, 50).SelectMany(static number => Enumerable.Range(1, number).Select(user => $"{user} {ShippingNode.Version(number)}")),
            await _redis.ChangesAsync());
        Assert.All(
            await _redis.Records.ReadAsync([.. Enumerable.Range(1, 50).Select(static user => (ulong)user)], TimeSpan.FromSeconds(10)),
            static record => Assert.Equal(ShippingNode.Left(record.UserId, 50), record));
        Assert.Equal(50 * 51 / 2, node.Counts.Shipped.Value);
        Assert.Equal(0, node.Counts.LagBytes);
    }

    [Fact]
    public async Task A_process_that_starts_again_ships_nothing_twice()
    {
        await using (ShippingNode node = await ShippingNode.StartAsync(_redis, _stores))
        {
            await node.PutAsync(ShippingNode.Left(1, 1), ShippingNode.Left(2, 1));
            await node.ShippedAsync();
        }

        _stores.CopyAsOfNow("a", "again");
        await using ShippingNode again = await ShippingNode.StartAsync(_redis, _stores, "again");
        await again.PutAsync(ShippingNode.Left(1, 2));
        await again.ShippedAsync();
        Assert.Equal(1, again.Counts.Shipped.Value);
        Assert.Equal(0, again.Counts.Holes.Value + again.Counts.Losses.Value);
        Assert.Equal([$"1 {ShippingNode.Version(1)}", $"2 {ShippingNode.Version(1)}", $"1 {ShippingNode.Version(2)}"], await _redis.ChangesAsync());
    }

    [Fact]
    public async Task What_was_journaled_while_nobody_shipped_is_shipped()
    {
        await using ShippingNode node = await ShippingNode.StartAsync(_redis, _stores);
        await node.PutAsync(ShippingNode.Left(1, 1));
        await node.ShippedAsync();
        await node.Shipper.StopAsync(CancellationToken.None);
        await node.PutAsync(ShippingNode.Left(2, 2));
        Assert.False(await node.Shipper.ShippedAsync());

        _stores.CopyAsOfNow("a", "again");
        await using ShippingNode again = await ShippingNode.StartAsync(_redis, _stores, "again");
        await again.ShippedAsync();
        Assert.Equal(ShippingNode.Left(2, 2), await _redis.ReadAsync(2));
        Assert.Equal(1, again.Counts.Shipped.Value);
    }

    [Fact]
    public async Task Two_nodes_share_one_stream()
    {
        await using ShippingNode a = await ShippingNode.StartAsync(_redis, _stores);
        await using ShippingNode b = await ShippingNode.StartAsync(_redis, _stores, "b", "b");
        for (int number = 1; number <= 20; number++)
        {
            await Task.WhenAll(a.PutAsync(ShippingNode.Left(1, number)), b.PutAsync(ShippingNode.Left(2, number)));
        }

        await Task.WhenAll(a.ShippedAsync(), b.ShippedAsync());
        string[] changes = await _redis.ChangesAsync();
        Assert.All([1, 2], user => Assert.Equal(
            Enumerable.Range(1, 20).Select(number => $"{user} {ShippingNode.Version(number)}"), changes.Where(change => change.StartsWith($"{user} ", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("7-5-128-0")]
    public async Task A_cursor_that_is_lost_or_of_another_journal_costs_nothing_but_the_work(string cursor)
    {
        await using ShippingNode node = await ShippingNode.StartAsync(_redis, _stores);
        await node.PutAsync(ShippingNode.Left(1, 1));
        await node.ShippedAsync();
        await _redis.Database.KeyDeleteAsync([_redis.Keys.BucketOf(1), _redis.Keys.Cursors]);
        if (cursor.Length > 0)
        {
            await _redis.Database.HashSetAsync(_redis.Keys.Cursors, "a", cursor);
        }

        await node.PutAsync(ShippingNode.Left(2, 2));
        await HasAsync(1, ShippingNode.Left(1, 1));
        await HasAsync(2, ShippingNode.Left(2, 2));
        await node.ShippedAsync();
        Assert.Contains("gap a", await _redis.ChangesAsync());
    }

    [Fact]
    public async Task A_Redis_that_is_emptied_gets_all_that_the_store_has_once_more()
    {
        await using ShippingNode node = await ShippingNode.StartAsync(_redis, _stores);
        await node.PutAsync(ShippingNode.Left(1, 1));
        await node.ShippedAsync();

        // Only the store has it, as what is older than the journal.
        UserRecord old = ShippingNode.Left(3, 0) with { LastActiveMs = 7, Status = StoreFixture.Online };
        node.Store.Write(old);
        await ForgetAsync();
        await HasAsync(1, ShippingNode.Left(1, 1));
        await HasAsync(3, old);
        Assert.Contains(LogEvents.RedisWentBack, node.Log.Events);
        await WalkedAsync("a");
    }

    [Fact]
    public async Task A_walk_that_was_not_finished_is_begun_anew()
    {
        await using ShippingNode node = await ShippingNode.StartAsync(_redis, _stores);
        await node.PutAsync(ShippingNode.Left(1, 1));
        await node.ShippedAsync();
        await WalkedAsync("a");
        await node.Shipper.StopAsync(CancellationToken.None);
        Assert.True(await node.Store.CheckpointAsync());
        _stores.CopyAsOfNow("a", "again");
        await _redis.Database.KeyDeleteAsync(_redis.Keys.BucketOf(1));
        await _redis.Database.HashSetAsync(_redis.Keys.Walks, "a", "1");

        await using ShippingNode again = await ShippingNode.StartAsync(_redis, _stores, "again");
        await HasAsync(1, ShippingNode.Left(1, 1));
        await WalkedAsync("a");
    }

    [Fact]
    public async Task Behind_a_hole_of_the_journal_shipping_goes_on_and_the_store_fills_it()
    {
        await using (ShippingNode node = await ShippingNode.StartAsync(_redis, _stores))
        {
            await node.PutAsync(ShippingNode.Left(1, 1));
            await node.ShippedAsync();
            await node.Shipper.StopAsync(CancellationToken.None);
            await node.PutAsync(ShippingNode.Left(2, 2));
            await node.PutAsync(ShippingNode.Left(3, 3));
            Assert.True(await node.Store.CheckpointAsync());
        }

        _stores.CopyAsOfNow("a", "again");
        Damage(Directory.GetFiles(Path.Combine(_stores["again"], "journal")).Order().First(), ShippingNode.Version(2));
        await using ShippingNode again = await ShippingNode.StartAsync(_redis, _stores, "again");
        await HasAsync(2, ShippingNode.Left(2, 2));
        await HasAsync(3, ShippingNode.Left(3, 3));
        await again.PutAsync(ShippingNode.Left(4, 4));
        await again.ShippedAsync();
        Assert.Contains(LogEvents.JournalHole, again.Log.Events);
        string[] changes = await _redis.ChangesAsync();
        Assert.Contains("gap a", changes);
        Assert.DoesNotContain($"2 {ShippingNode.Version(2)}", changes);
        Assert.Contains($"3 {ShippingNode.Version(3)}", changes);
        Assert.Contains($"4 {ShippingNode.Version(4)}", changes);
    }

    [Fact]
    public async Task A_stream_that_is_trimmed_or_deleted_holds_up_nothing()
    {
        await using ShippingNode node = await ShippingNode.StartAsync(_redis, _stores);
        for (int number = 1; number <= 30; number++)
        {
            await node.PutAsync(ShippingNode.Left(1, number));
            await _redis.Database.ExecuteAsync(number % 2 == 0 ? "DEL" : "XTRIM", number % 2 == 0 ? [_redis.Keys.Changes] : [_redis.Keys.Changes, "MAXLEN", 0]);
        }

        await node.PutAsync(ShippingNode.Left(1, 31));
        Assert.True(await node.Shipper.ShippedAsync());
        Assert.Equal($"1 {ShippingNode.Version(31)}", (await _redis.ChangesAsync())[^1]);
        Assert.Equal(ShippingNode.Left(1, 31), await _redis.ReadAsync(1));
    }

    private async Task ForgetAsync()
    {
        foreach (RedisKey key in new[] { _redis.Keys.Cursors, _redis.Keys.Walks, _redis.Keys.Changes, _redis.Keys.BucketOf(1), _redis.Keys.BucketOf(3) })
        {
            await _redis.Database.KeyDeleteAsync(key);
        }
    }

    private async Task HasAsync(ulong user, UserRecord record)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await _redis.ReadAsync(user) != record)
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    private async Task WalkedAsync(string node)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await _redis.Database.HashExistsAsync(_redis.Keys.Walks, node))
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    // A byte of the block that has the version.
    private static void Damage(string segment, ulong version)
    {
        byte[] bytes = File.ReadAllBytes(segment);
        int at = bytes.AsSpan().IndexOf(BitConverter.GetBytes(version));
        Assert.True(at > 0);
        bytes[at] ^= 1;
        File.WriteAllBytes(segment, bytes);
    }
}
