using Presence.Engine;
using Presence.Server.Admin;
using Presence.Server.Diagnostics;
using Presence.Server.Storage.Shared;
using Presence.Server.Tests.Storage.Journal;
using Presence.TestKit;
using Xunit;

namespace Presence.Server.Tests.Storage.Shared;

/// <summary>A Redis that is killed, stopped, or restored from a backup: the node goes on, and in the end Redis has all, each change once.</summary>
public sealed class RedisFaultTests : IAsyncLifetime
{
    private const int Users = 20;

    private readonly JournaledStores _stores = new();
    private SharedRedis? _redis;
    private int _number;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        await _stores.DisposeAsync();
    }

    [Fact]
    public async Task Killed_under_writes_and_started_again_it_has_all_once()
    {
        _redis = await SharedRedis.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        await using ShippingNode node = await ShippingNode.StartAsync(_redis, _stores);
        for (int round = 0; round < 3; round++)
        {
            await PutAsync(node, 50);
            await _redis.Process.KillAsync();
            await PutAsync(node, 50);
            Assert.False(await node.Shipper.ShippedAsync());
            Assert.True(_redis.Link.IsAway);
            Assert.Equal(NodeHealth.Degraded, new SharedHealth(_redis.Link, node.Counts).Check().Status);
            await _redis.Process.AgainAsync();
        }

        await HasAllAsync(node);
        Assert.True(node.Counts.Failures.Value > 0);
        Assert.Equal(0, node.Counts.Losses.Value);
        Assert.Equal(NodeHealth.Ok, new SharedHealth(_redis.Link, node.Counts).Check().Status);
    }

    [Fact]
    public async Task Stopped_without_a_word_it_is_taken_for_away_and_has_all_once_when_it_goes_on()
    {
        _redis = await SharedRedis.StartAsync();
        await using ShippingNode node = await ShippingNode.StartAsync(_redis, _stores);
        await PutAsync(node, 20);
        await node.ShippedAsync();
        _redis.Process.Pause();
        await PutAsync(node, 100);
        Assert.False(await node.Shipper.ShippedAsync());
        Assert.True(_redis.Link.IsAway);
        await PutAsync(node, 100);
        _redis.Process.Continue();
        await HasAllAsync(node);
    }

    [Fact]
    public async Task Restored_from_an_older_state_it_is_shipped_what_it_lacks()
    {
        _redis = await SharedRedis.StartAsync();
        await using ShippingNode node = await ShippingNode.StartAsync(_redis, _stores);
        await PutAsync(node, 30);
        await node.ShippedAsync();
        await _redis.Database.ExecuteAsync("SAVE");
        await PutAsync(node, 30);
        await node.ShippedAsync();
        await _redis.Process.KillAsync();
        await _redis.Process.AgainAsync();
        await PutAsync(node, 30);
        await HasAllAsync(node);
        Assert.Equal(1, node.Counts.Losses.Value);
        Assert.Contains(LogEvents.RedisWentBack, node.Log.Events);
    }

    [Fact]
    public async Task Older_while_the_node_was_away_too_it_is_shipped_what_it_lacks()
    {
        _redis = await SharedRedis.StartAsync();
        await using (ShippingNode node = await ShippingNode.StartAsync(_redis, _stores))
        {
            await PutAsync(node, 30);
            await node.ShippedAsync();
            await _redis.Database.ExecuteAsync("SAVE");
            await PutAsync(node, 30);
            await node.ShippedAsync();
        }

        await _redis.Process.KillAsync();
        await _redis.Process.AgainAsync();
        _stores.CopyAsOfNow("a", "again");
        await using ShippingNode again = await ShippingNode.StartAsync(_redis, _stores, "again");
        await HasAllAsync(again);
        Assert.Equal(1, again.Counts.Losses.Value);
    }

    [Fact]
    public async Task Started_empty_it_gets_all_that_is_kept()
    {
        _redis = await SharedRedis.StartAsync();
        await using ShippingNode node = await ShippingNode.StartAsync(_redis, _stores);
        await PutAsync(node, 30);
        await node.ShippedAsync();
        await _redis.Process.KillAsync();
        await _redis.Process.AgainAsync();
        await PutAsync(node, 1);
        await NewestAsync(node);
        Assert.Equal("gap a", (await _redis.ChangesAsync())[0]);
        Assert.Equal(31, (await _redis.ChangesAsync()).Count(static change => !change.StartsWith("gap", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_Redis_without_room_is_away_until_it_has_some()
    {
        _redis = await SharedRedis.StartAsync();
        await using ShippingNode node = await ShippingNode.StartAsync(_redis, _stores);
        await PutAsync(node, Users);
        await node.ShippedAsync();
        await _redis.Database.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
        await PutAsync(node, Users);
        Assert.False(await node.Shipper.ShippedAsync());
        await _redis.Database.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
        await HasAllAsync(node);
    }

    [Theory]
    [InlineData(NodeHealth.Failed, true, "--save", "")]
    [InlineData(NodeHealth.Degraded, false, "--save", "")]
    [InlineData(NodeHealth.Ok, true, "--save", "60 1")]
    [InlineData(NodeHealth.Ok, true, "--appendonly", "yes")]
    [InlineData(NodeHealth.Degraded, true, "--rename-command", "CONFIG", "")]
    public async Task What_it_keeps_on_disk_is_looked_at(string status, bool mustPersist, params string[] arguments)
    {
        _redis = await SharedRedis.StartAsync(arguments);
        using var persistence = new RedisPersistence(_redis.Link, new SharedStoreOptions { MustPersist = mustPersist }, TimeProvider.System);
        Assert.Equal(NodeHealth.Degraded, persistence.Check().Status);
        await persistence.LookAsync();
        Assert.Equal(status, persistence.Check().Status);
        Assert.Equal(status != NodeHealth.Ok, persistence.Check().Detail.Contains("appendonly yes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_one_that_persisted_and_does_no_more_no_node_is_taken_out()
    {
        _redis = await SharedRedis.StartAsync("--appendonly", "yes");
        using var persistence = new RedisPersistence(_redis.Link, new SharedStoreOptions { MustPersist = true }, TimeProvider.System);
        await persistence.LookAsync();
        await _redis.Database.ExecuteAsync("CONFIG", "SET", "appendonly", "no", "save", "");
        await persistence.LookAsync();
        Assert.Equal(NodeHealth.Degraded, persistence.Check().Status);
        Assert.Contains("keeps nothing on disk", persistence.Check().Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_connection_may_not_ask_is_not_known()
    {
        await using RedisProcess process = await RedisProcess.StartAsync("--save", "60 1");
        await using SharedRedis redis = await SharedRedis.OfAsync(process, isAdmin: false);
        using var persistence = new RedisPersistence(redis.Link, new SharedStoreOptions(), TimeProvider.System);
        await persistence.LookAsync();
        Assert.Equal(NodeHealth.Degraded, persistence.Check().Status);
        Assert.False(redis.Link.IsAway);
    }

    private async Task PutAsync(ShippingNode node, int changes)
    {
        for (int i = 0; i < changes; i++, _number++)
        {
            await node.PutAsync(ShippingNode.Left((ulong)(_number % Users) + 1, _number));
        }
    }

    private async Task HasAllAsync(ShippingNode node)
    {
        await NewestAsync(node);
        Assert.Equal(
            Enumerable.Range(0, _number).Select(static number => $"{(number % Users) + 1} {ShippingNode.Version(number)}"), await _redis!.ChangesAsync());
    }

    private async Task NewestAsync(ShippingNode node)
    {
        await node.ShippedAsync();
        UserRecord[] found = await _redis!.Records.ReadAsync([.. Enumerable.Range(1, Users).Select(static user => (ulong)user)], TimeSpan.FromSeconds(10));
        Assert.All(found, record => Assert.InRange(record.Version, ShippingNode.Version(_number - Users), ulong.MaxValue));
    }
}
