using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Storage;
using Presence.Server.Storage.Shared;
using Presence.Server.Tests.Storage.Journal;
using Presence.V1;
using StackExchange.Redis;
using Xunit;

namespace Presence.Server.Tests.Storage.Shared;

/// <summary>One cursor reads the changes of all nodes, all of them once, and is told when some are missing.</summary>
public sealed class SharedChangesTests(RedisFixture fixture) : IClassFixture<RedisFixture>, IAsyncLifetime
{
    private readonly JournaledStores _stores = new();
    private SharedRedis _redis = null!;
    private SharedChanges _changes = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await SharedRedis.OfAsync(fixture.Process);
        _changes = new SharedChanges(_redis.Link, _redis.Keys, _redis.Counts);
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _stores.DisposeAsync();
    }

    [Fact]
    public async Task Two_nodes_are_read_with_one_cursor()
    {
        await using ShippingNode a = await ShippingNode.StartAsync(_redis, _stores);
        await using ShippingNode b = await ShippingNode.StartAsync(_redis, _stores, "b", "b");
        string cursor = (await _changes.EndAsync()).Cursor;
        List<PresenceState> read = [];
        for (int number = 1; number <= 40; number++)
        {
            await Task.WhenAll(a.PutAsync(ShippingNode.Left(1, number)), b.PutAsync(ShippingNode.Left(2, number)));
            SharedChangesSlice slice = await _changes.ReadAsync(cursor, 3);
            read.AddRange(slice.Changes.Select(static change => change.State));
            cursor = slice.Cursor;
        }

        await Task.WhenAll(a.ShippedAsync(), b.ShippedAsync());
        read.AddRange(await RestAsync(cursor));
        Assert.All([1UL, 2UL], user => Assert.Equal(
            Enumerable.Range(1, 40).Select(ShippingNode.Version), read.Where(state => state.UserId == user).Select(static state => state.Version)));
        Assert.All(read, static state => Assert.Equal((Status.Offline, VersionClock.MsOf(state.Version)), (state.Status, state.LastActiveMs)));
    }

    [Fact]
    public async Task A_cursor_whose_entry_is_trimmed_is_gone_and_the_last_once_more_has_come()
    {
        await AddAsync(5);
        SharedChangesSlice first = await _changes.ReadAsync(SharedChanges.Beginning, 2);
        await _redis.Database.StreamTrimAsync(_redis.Keys.Changes, 1);
        Assert.True((await _changes.ReadAsync(first.Cursor, 10)).IsGone);
        string end = (await _changes.EndAsync()).Cursor;
        await _redis.Database.StreamTrimAsync(_redis.Keys.Changes, 0);
        Assert.False((await _changes.ReadAsync(end, 10)).IsGone);
        await AddAsync(1);
        Assert.True((await _changes.ReadAsync(end, 10)).IsGone);
    }

    [Theory]
    [InlineData("")]
    [InlineData("7-7")]
    [InlineData("garbage")]
    public async Task A_cursor_of_no_entry_is_gone(string cursor)
    {
        await AddAsync(1);
        Assert.True((await _changes.ReadAsync(cursor, 10)).IsGone);
    }

    [Fact]
    public async Task A_stream_that_was_deleted_is_gone()
    {
        await AddAsync(2);
        string cursor = (await _changes.EndAsync()).Cursor;
        await _redis.Database.KeyDeleteAsync(_redis.Keys.Changes);
        Assert.True((await _changes.ReadAsync(cursor, 10)).IsGone);
        Assert.False((await _changes.ReadAsync(SharedChanges.Beginning, 10)).IsGone);
    }

    [Fact]
    public async Task The_end_of_a_stream_that_is_empty_is_a_cursor_as_any_other()
    {
        string cursor = (await _changes.EndAsync()).Cursor;
        Assert.NotEqual(SharedChanges.Beginning, cursor);
        Assert.Equal(cursor, (await _changes.EndAsync()).Cursor);
        await AddAsync(3);
        SharedChangesSlice slice = await _changes.ReadAsync(cursor, 10);
        Assert.Equal((3, false), (slice.Changes.Count, slice.IsGone));
        await _redis.Database.StreamTrimAsync(_redis.Keys.Changes, 1);
        Assert.True((await _changes.ReadAsync(cursor, 10)).IsGone);
        Assert.Equal(0, _redis.Counts.Poison.Value);
    }

    [Fact]
    public async Task A_node_is_complete_once_its_store_is_brought()
    {
        await using ShippingNode a = await ShippingNode.StartAsync(_redis, _stores);
        await a.PutAsync(ShippingNode.Left(1, 1));
        await a.ShippedAsync();
        while (!(await _changes.EndAsync()).Complete.Contains("a"))
        {
            await Task.Yield();
        }

        await _redis.Database.HashSetAsync(_redis.Keys.Walks, "a", 1);
        Assert.DoesNotContain("a", (await _changes.EndAsync()).Complete);
        await _redis.Database.KeyDeleteAsync([_redis.Keys.Walks, _redis.Keys.Cursors]);
        Assert.DoesNotContain("a", (await _changes.EndAsync()).Complete);
    }

    [Fact]
    public async Task It_says_up_to_when_all_of_a_node_has_been_read()
    {
        await using ShippingNode a = await ShippingNode.StartAsync(_redis, _stores);
        string cursor = (await _changes.EndAsync()).Cursor;
        await a.PutAsync(ShippingNode.Left(1, 1));
        await a.StateAsync(ShippingNode.Left(1, 1).LastActiveMs);
        SharedChangesSlice slice;
        do
        {
            slice = await _changes.ReadAsync(cursor, 10);
        }
        while (!slice.StatedMs.ContainsKey("a"));
        Assert.Equal((1, true, ShippingNode.Left(1, 1).LastActiveMs), (slice.Changes.Count, slice.IsEnd, slice.StatedMs["a"]));
        Assert.Empty((await _changes.ReadAsync(SharedChanges.Beginning, 1)).StatedMs);
    }

    [Fact]
    public async Task A_gap_is_told_behind_all_in_front_of_it()
    {
        await AddAsync(2);
        await _redis.Database.StreamAddAsync(_redis.Keys.Changes, "g", "a");
        await AddAsync(1);
        SharedChangesSlice slice = await _changes.ReadAsync(SharedChanges.Beginning, 10);
        Assert.Equal((2, false), (slice.Changes.Count, slice.IsGone));
        Assert.True((await _changes.ReadAsync(slice.Cursor, 10)).IsGone);
    }

    [Fact]
    public async Task Garbage_is_counted_and_passed_over()
    {
        NameValueEntry[][] garbage =
        [
            [new("x", 1)],
            [new("u", 0), new("v", 1), new("s", 1), new("k", 0), new("l", 1), new("c", 0)],
            [new("u", "one"), new("v", 1), new("s", 1), new("k", 0), new("l", 1), new("c", 0)],
            [new("u", 1), new("v", 1), new("s", 16), new("k", 0), new("l", 1), new("c", 0)],
            [new("u", 1), new("v", 1), new("s", 1), new("k", 256), new("l", 1), new("c", 0)],
            [new("u", 1), new("v", 1), new("s", 1), new("k", 0), new("l", PackedRecord.MaxTimeMs + 1), new("c", 0)],
            [new("u", 1), new("u", 1), new("v", -1), new("s", 1), new("k", 0), new("l", 1), new("c", 0)],
        ];
        foreach (NameValueEntry[] entry in garbage)
        {
            await _redis.Database.StreamAddAsync(_redis.Keys.Changes, entry);
        }

        await AddAsync(1);
        SharedChangesSlice slice = await _changes.ReadAsync(SharedChanges.Beginning, 100);
        Assert.Equal((1, garbage.Length), (slice.Changes.Count, (int)_redis.Counts.Poison.Value));
        Assert.Empty((await _changes.ReadAsync(slice.Cursor, 100)).Changes);
    }

    [Fact]
    public async Task A_change_is_read_as_it_was_told()
    {
        await _redis.Database.StreamAddAsync(
            _redis.Keys.Changes, [new("u", 5), new("v", 9), new("s", (int)Status.Busy), new("k", 3), new("l", -1), new("c", 1), new("t", "at lunch")]);
        SharedChange change = Assert.Single((await _changes.ReadAsync(SharedChanges.Beginning, 10)).Changes);
        PresenceState state = change.State;
        Assert.True(change.IsCoalesced);
        Assert.Equal((5UL, 9UL, Status.Busy, DeviceKinds.Mobile | DeviceKinds.Desktop, -1L), (state.UserId, state.Version, state.Status, state.Kinds, state.LastActiveMs));
        Assert.Equal("at lunch"u8, state.StatusText!);
    }

    private async Task AddAsync(int changes)
    {
        for (int i = 0; i < changes; i++)
        {
            await _redis.Database.StreamAddAsync(_redis.Keys.Changes, [new("u", 1), new("v", 9), new("s", 2), new("k", 0), new("l", 7), new("c", 0)]);
        }
    }

    private async Task<List<PresenceState>> RestAsync(string cursor)
    {
        List<PresenceState> rest = [];
        SharedChangesSlice slice;
        do
        {
            slice = await _changes.ReadAsync(cursor, 7);
            Assert.False(slice.IsGone);
            rest.AddRange(slice.Changes.Select(static change => change.State));
            cursor = slice.Cursor;
        }
        while (slice.Changes.Count > 0);
        return rest;
    }
}
