using CsCheck;
using Presence.Engine;
using Presence.Server.Storage.Journal;
using Presence.Server.Storage.Shared;
using Presence.TestKit;
using StackExchange.Redis;
using Xunit;

namespace Presence.Server.Tests.Storage.Shared;

/// <summary>A Redis for tests that do it no harm.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    public RedisProcess Process { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Process = await RedisProcess.StartAsync();

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}

/// <summary>What Redis does with a batch: the newest of each user stays in whatever order records come, a batch counts once, and nothing that others left there holds it up.</summary>
public sealed class ShipTargetTests(RedisFixture fixture) : IClassFixture<RedisFixture>
{
    // Times follow from what orders them, so that two records of a user that are equal by that are equal.
    private static readonly Gen<UserRecord[]> s_records = Gen.Select(
        Gen.ULong[1, 5], Gen.Int[1, 6], Gen.Long[-1, 3], Gen.Bool,
        static (user, number, trueMs, isHidden) => new UserRecord(user, ShippingNode.Version(number) ^ 0xffff_ffff, isHidden && number > 3 ? 2 : trueMs, trueMs, 2, 0)).Array[1, 40];

    [Fact]
    public async Task In_whatever_order_and_however_often_records_come_the_newest_stays()
    {
        await s_records.SampleAsync(
            async records =>
            {
                await using SharedRedis redis = await SharedRedis.OfAsync(fixture.Process);
                var shuffled = records.Concat(records).OrderBy(static record => (record.Version * 31) ^ (ulong)record.TrueLastActiveMs).ToArray();
                JournalPosition at = await BegunAsync(redis, "n");
                foreach (UserRecord[] part in shuffled.Chunk(7))
                {
                    at = await ShipAsync(redis, at, part);
                }

                foreach (IGrouping<ulong, UserRecord> user in records.GroupBy(static record => record.UserId))
                {
                    UserRecord newest = user.OrderBy(static record => record.Version).ThenBy(static record => record.TrueLastActiveMs).Last();
                    UserRecord found = await redis.ReadAsync(user.Key);
                    Assert.Equal((newest.Version, newest.TrueLastActiveMs), (found.Version, found.TrueLastActiveMs));
                }
            },
            iter: 60,
            threads: 1);
    }

    [Fact]
    public async Task A_batch_is_taken_once()
    {
        await using SharedRedis redis = await SharedRedis.OfAsync(fixture.Process);
        JournalPosition begin = await BegunAsync(redis, "n");
        JournalPosition behind = await ShipAsync(redis, begin, [ShippingNode.Left(1, 1)]);

        // As after an answer that got lost: the cursor says that it has been taken.
        (string cursor, _) = await redis.Target("n").ShipAsync(Batch(ShippingNode.Left(1, 1)), begin, behind);
        Assert.Equal(behind.ToString(), cursor);
        Assert.Single(await redis.ChangesAsync());
        Assert.Equal(ShippingNode.Left(1, 1), await redis.ReadAsync(1));
    }

    [Fact]
    public async Task A_batch_that_begins_elsewhere_changes_nothing()
    {
        await using SharedRedis redis = await SharedRedis.OfAsync(fixture.Process);
        JournalPosition begin = await BegunAsync(redis, "n");
        (string cursor, _) = await redis.Target("n").ShipAsync(Batch(ShippingNode.Left(1, 1)), begin with { Record = 7 }, begin with { Record = 8 });
        Assert.Equal(begin.ToString(), cursor);
        Assert.Empty(await redis.ChangesAsync());
        Assert.Equal(0UL, (await redis.ReadAsync(1)).Version);
    }

    [Fact]
    public async Task Garbage_where_a_record_should_be_is_counted_and_replaced()
    {
        await using SharedRedis redis = await SharedRedis.OfAsync(fixture.Process);
        byte[][] garbage = [[1, 2, 3], [.. Enumerable.Repeat(byte.MaxValue, 16)]];
        JournalPosition at = await BegunAsync(redis, "n");
        for (int i = 0; i < garbage.Length; i++)
        {
            ulong user = (ulong)i + 1;
            await redis.Database.HashSetAsync(redis.Keys.BucketOf(user), SharedKeys.FieldOf(user), garbage[i]);
            Assert.Equal(0UL, (await redis.ReadAsync(user)).Version);
            Assert.Equal(i + 1, redis.Counts.Poison.Value);

            JournalPosition behind = at with { Offset = at.Offset + 8 };
            Assert.Equal((behind.ToString(), 1L), await redis.Target("n").ShipAsync(Batch(ShippingNode.Left(user, 1)), at, behind));
            Assert.Equal(ShippingNode.Left(user, 1), await redis.ReadAsync(user));
            at = behind;
        }
    }

    [Fact]
    public async Task Keys_that_are_something_else_hold_up_nothing()
    {
        await using SharedRedis redis = await SharedRedis.OfAsync(fixture.Process);
        await redis.Database.StringSetAsync(redis.Keys.BucketOf(1), "not ours");
        await redis.Database.StringSetAsync(redis.Keys.Changes, "nor this");
        JournalPosition at = await BegunAsync(redis, "n");
        JournalPosition behind = at with { Offset = at.Offset + 8 };

        // The record of the one, the changes of both.
        Assert.Equal((behind.ToString(), 3L), await redis.Target("n").ShipAsync(Batch(ShippingNode.Left(1, 1), ShippingNode.Left(2, 1)), at, behind));
        UserRecord[] found = await redis.Records.ReadAsync([1, 2], TimeSpan.FromSeconds(10));
        Assert.Equal([0UL, ShippingNode.Version(1)], found.Select(static record => record.Version));
    }

    [Fact]
    public async Task What_does_not_fit_is_left_out_of_a_batch()
    {
        var batch = new ShipBatch();
        batch.Add(new JournalRecord(ShippingNode.Left(1UL << 63, 1), TransitionCause.Up, IsVisible: true, Text: null));
        batch.Add(new JournalRecord(ShippingNode.Left(3, 1) with { TrueLastActiveMs = long.MaxValue }, TransitionCause.Up, IsVisible: true, Text: null));
        batch.Add(new JournalRecord(ShippingNode.Left(2, 1), TransitionCause.Up, IsVisible: true, Text: null));
        Assert.Equal((2, 1), (batch.Poison, batch.Records));
        await using SharedRedis redis = await SharedRedis.OfAsync(fixture.Process);
        JournalPosition at = await BegunAsync(redis, "n");
        await redis.Target("n").ShipAsync(batch, at, at with { Record = 1 });
        Assert.Equal([$"2 {ShippingNode.Version(1)}"], await redis.ChangesAsync());
    }

    [Fact]
    public async Task The_stream_says_of_a_change_what_others_were_told()
    {
        await using SharedRedis redis = await SharedRedis.OfAsync(fixture.Process);
        long ms = VersionClock.MsOf(ShippingNode.Version(1));
        var hidden = new UserRecord(1, ShippingNode.Version(1), ms, ms + 5_000, StoreFixture.Offline, UserRecordFlags.Invisible);
        var busy = new UserRecord(2, ShippingNode.Version(2), -1, -1, (byte)Presence.V1.Status.Busy, 1 << 1);
        var batch = new ShipBatch();
        batch.Add(new JournalRecord(hidden, TransitionCause.Explicit, IsVisible: true, Text: null));
        batch.Add(new JournalRecord(hidden with { TrueLastActiveMs = ms + 9_000 }, TransitionCause.Goodbye, IsVisible: false, Text: null));
        batch.Add(new JournalRecord(busy, Cause: null, IsVisible: true, "at lunch"u8.ToArray()));
        JournalPosition at = await BegunAsync(redis, "n");
        await redis.Target("n").ShipAsync(batch, at, at with { Record = 3 });

        StreamEntry[] entries = await redis.Database.StreamRangeAsync(redis.Keys.Changes);
        Assert.Equal(
            [$"u=1 v={hidden.Version} s={hidden.Status} k=0 l={ms} c=0", $"u=2 v={busy.Version} s={busy.Status} k=1 l=-1 c=1 t=at lunch"],
            entries.Select(static entry => string.Join(' ', entry.Values.Select(static value => $"{value.Name}={value.Value}"))));
        Assert.Equal(hidden with { TrueLastActiveMs = ms + 9_000 }, await redis.ReadAsync(1));
    }

    [Fact]
    public async Task The_stream_keeps_its_bounds()
    {
        await using SharedRedis redis = await SharedRedis.OfAsync(fixture.Process, options: new SharedStoreOptions { MostChanges = 1_000 });
        JournalPosition at = await BegunAsync(redis, "n");
        for (int batch = 0; batch < 10; batch++)
        {
            at = await ShipAsync(redis, at, [.. Enumerable.Range(1, 500).Select(user => ShippingNode.Left((ulong)user, batch))]);
        }

        // Whole nodes of the stream's tree go.
        Assert.InRange(await redis.Database.StreamLengthAsync(redis.Keys.Changes), 1_000, 1_200);
    }

    // A node begins with nothing: the place in front of its journal.
    private static async Task<JournalPosition> BegunAsync(SharedRedis redis, string node)
    {
        var begin = new JournalPosition(1, 5, SegmentHeader.Bytes, 0);
        Assert.Equal(begin.ToString(), await redis.Target(node).MoveAsync("", begin, isGap: false));
        return begin;
    }

    private static ShipBatch Batch(params UserRecord[] records)
    {
        var batch = new ShipBatch();
        Array.ForEach(records, record => batch.Add(new JournalRecord(record, TransitionCause.Goodbye, IsVisible: true, Text: null)));
        return batch;
    }

    private static async Task<JournalPosition> ShipAsync(SharedRedis redis, JournalPosition at, UserRecord[] records)
    {
        JournalPosition behind = at with { Offset = at.Offset + 8 };
        (string cursor, long poison) = await redis.Target("n").ShipAsync(Batch(records), at, behind);
        Assert.Equal((behind.ToString(), 0L), (cursor, poison));
        return behind;
    }
}
