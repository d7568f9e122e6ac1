using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Storage.Shared;
using Presence.V1;
using StackExchange.Redis;
using Xunit;

namespace Presence.Server.Tests.Storage.Shared;

/// <summary>Who is recorded as there is found by looking through all hashes, and nothing else is.</summary>
public sealed class PresentRecordsTests(RedisFixture fixture) : IClassFixture<RedisFixture>
{
    private const int Users = 3_000;
    private const byte Web = (byte)DeviceKinds.Web << 1;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Everybody_who_is_there_is_found_and_nobody_else()
    {
        await using SharedRedis redis = await SharedRedis.OfAsync(fixture.Process);
        List<UserRecord> records = [.. Enumerable.Range(1, Users).Select(static user => Record((ulong)user, (Status)((user % 4) + 1)))];
        await Task.WhenAll(records.Select(record => PutAsync(redis, record.UserId, SharedRecordFormat.Write(record))));
        (List<UserRecord> found, int looks) = await AllAsync(redis);
        Assert.Equal(records.Where(static record => record.Status != (byte)Status.Offline), found.Distinct().OrderBy(static record => record.UserId));
        Assert.True(looks > 1, "All was looked at in one go.");
        Assert.Equal(DeviceKinds.Web, found[0].Visible(text: null).Kinds);
    }

    [Fact]
    public async Task Garbage_and_keys_that_are_something_else_hold_up_nothing()
    {
        await using SharedRedis redis = await SharedRedis.OfAsync(fixture.Process);
        await PutAsync(redis, 1, SharedRecordFormat.Write(Record(1, Status.Busy)));
        await PutAsync(redis, 2, SharedRecordFormat.Write(Record(2, Status.Busy) with { Version = ulong.MaxValue }));
        await PutAsync(redis, 3, [1, 2, 3]);
        await redis.Database.HashSetAsync(redis.Keys.Bucket(7), new byte[9], SharedRecordFormat.Write(Record(4, Status.Busy)));
        await redis.Database.StringSetAsync(redis.Keys.Bucket(8), "something else");
        (List<UserRecord> found, _) = await AllAsync(redis);
        Assert.Equal([1UL], found.Select(static record => record.UserId).Distinct());
        Assert.True(redis.Counts.Poison.Value >= 2);
    }

    private static UserRecord Record(ulong user, Status status) => new(user, ShippingNode.Version(1), -1, -1, (byte)status, Web);

    private static Task<bool> PutAsync(SharedRedis redis, ulong user, byte[] value) =>
        redis.Database.HashSetAsync(redis.Keys.BucketOf(user), SharedKeys.FieldOf(user), (RedisValue)value);

    private static async Task<(List<UserRecord> Found, int Looks)> AllAsync(SharedRedis redis)
    {
        List<UserRecord> found = [];
        int looks = 0;
        ulong next = 0;
        do
        {
            PresentSlice slice = await redis.Records.PresentAsync(next, s_patience);
            Assert.NotEqual("", slice.Process);
            found.AddRange(slice.Records);
            next = slice.Next;
            looks++;
        }
        while (next != 0);
        return (found, looks);
    }
}
