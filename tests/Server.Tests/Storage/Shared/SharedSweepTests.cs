using Microsoft.Extensions.Logging.Abstractions;
using Presence.Engine;
using Presence.Server.Storage.Shared;
using StackExchange.Redis;
using Xunit;

namespace Presence.Server.Tests.Storage.Shared;

/// <summary>What is past the retention goes from Redis, and nothing else does.</summary>
public sealed class SharedSweepTests(RedisFixture fixture) : IClassFixture<RedisFixture>, IAsyncLifetime
{
    private const int Bucket = 77;

    private SharedRedis _redis = null!;

    public async ValueTask InitializeAsync() => _redis = await SharedRedis.OfAsync(fixture.Process);

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    [Fact]
    public async Task What_is_past_the_retention_goes_and_the_rest_stays()
    {
        UserRecord online = ShippingNode.Left(3, 1) with { Status = StoreFixture.Online, LastActiveMs = -1, TrueLastActiveMs = -1 };
        UserRecord unseen = ShippingNode.Left(4, 1) with { TrueLastActiveMs = ShippingNode.Left(4, 1).LastActiveMs + 600_000, Flags = UserRecordFlags.Invisible };
        await PutAsync(ShippingNode.Left(1, 1), ShippingNode.Left(2, 600_000), online, unseen);
        _redis.Time.Advance(TimeSpan.FromDays(7) + TimeSpan.FromMinutes(5));
        await SweepAsync(static _ => true);
        await HasAsync(2UL, 3UL, 4UL);
        Assert.Equal(1, _redis.Counts.Swept.Value);
    }

    [Fact]
    public async Task A_large_hash_is_swept_in_parts()
    {
        await PutAsync([.. Enumerable.Range(1, 3_000).Select(static user => ShippingNode.Left((ulong)user, user % 2 == 0 ? 1 : 600_000))]);
        _redis.Time.Advance(TimeSpan.FromDays(7) + TimeSpan.FromMinutes(5));
        await SweepAsync(static _ => true);
        Assert.Equal(Enumerable.Range(1, 3_000).Where(static user => user % 2 == 1).Select(static user => (ulong)user), await UsersAsync());
    }

    [Fact]
    public async Task A_hash_of_another_home_is_left_alone()
    {
        await PutAsync(ShippingNode.Left(1, 1));
        _redis.Time.Advance(TimeSpan.FromDays(8));
        await SweepAsync(static number => number != Bucket + 1);
        await HasAsync(1UL);
        await SweepAsync(static number => number == Bucket + 1);
        Assert.Empty(await UsersAsync());
    }

    [Fact]
    public async Task Garbage_goes_and_keys_that_are_something_else_hold_up_nothing()
    {
        await PutAsync(ShippingNode.Left(2, 1));
        await _redis.Database.HashSetAsync(_redis.Keys.Bucket(Bucket), "\0not ours", "garbage");
        await _redis.Database.StringSetAsync(_redis.Keys.Bucket(Bucket - 1), "not ours");
        await SweepAsync(static _ => true);
        await HasAsync(2UL);
        Assert.Equal(1, await _redis.Database.HashLengthAsync(_redis.Keys.Bucket(Bucket)));
    }

    [Fact]
    public async Task What_has_changed_since_it_was_looked_at_stays()
    {
        await PutAsync(ShippingNode.Left(1, 2));
        RedisValue[] seen = [SharedKeys.FieldOf(1), SharedRecordFormat.Write(ShippingNode.Left(1, 1))];
        Assert.Equal(0, (int)await _redis.Database.ScriptEvaluateAsync(SharedScripts.Remove, [_redis.Keys.Bucket(Bucket)], seen));
        await HasAsync(1UL);
    }

    [Fact]
    public async Task The_last_hash_is_followed_by_the_first()
    {
        await _redis.Database.HashSetAsync(_redis.Keys.Bucket(0), "garbage of ten", "");
        using SharedSweep sweep = Sweep(static _ => true);
        await sweep.SweepAsync(SharedKeys.Buckets - 1);
        Assert.False(await _redis.Database.KeyExistsAsync(_redis.Keys.Bucket(0)));
    }

    private SharedSweep Sweep(Func<ulong, bool> isHome) =>
        new(_redis.Records, _redis.Link, isHome, new Random(1), TimeProvider.System, NullLogger<SharedSweep>.Instance);

    private async Task SweepAsync(Func<ulong, bool> isHome)
    {
        using SharedSweep sweep = Sweep(isHome);
        await sweep.SweepAsync(Bucket - 1);
    }

    private async Task PutAsync(params UserRecord[] records) => await _redis.Database.HashSetAsync(
        _redis.Keys.Bucket(Bucket), [.. records.Select(static record => new HashEntry(SharedKeys.FieldOf(record.UserId), SharedRecordFormat.Write(record)))]);

    private async Task HasAsync(params ulong[] users) => Assert.Equal(users, await UsersAsync());

    private async Task<ulong[]> UsersAsync() =>
        [.. (await _redis.Database.HashKeysAsync(_redis.Keys.Bucket(Bucket))).Select(static field => SharedKeys.UserOf((byte[])field!)).Order()];
}
