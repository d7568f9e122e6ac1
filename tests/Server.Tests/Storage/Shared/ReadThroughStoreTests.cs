using Presence.Engine;
using Presence.Server.Storage.Shared;
using Xunit;

namespace Presence.Server.Tests.Storage.Shared;

/// <summary>A read gives the newest there is where another node may know more, the local record at once where none can, and always one answer.</summary>
public sealed class ReadThroughStoreTests : IAsyncLifetime
{
    private readonly Ownership _ownership = new();
    private StoreFixture _local = null!;
    private SharedRedis _redis = null!;
    private ReadThroughStore _store = null!;
    private int _cursor;

    public async ValueTask InitializeAsync()
    {
        _local = StoreFixture.Opened();
        _local.Time.AheadBy = DateTimeOffset.UtcNow - _local.Time.GetUtcNow();
        _redis = await SharedRedis.StartAsync();
        _store = new ReadThroughStore(_local.Store, _redis.Records, _redis.Link, _ownership, _redis.Counts);
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _local.DisposeAsync();
    }

    [Fact]
    public async Task The_newer_of_both_is_the_answer()
    {
        // Only there, only here, newer there, newer here, nowhere.
        await ShipAsync(ShippingNode.Left(1, 1), ShippingNode.Left(3, 2), ShippingNode.Left(4, 1));
        _store.Write(ShippingNode.Left(2, 1));
        _store.Write(ShippingNode.Left(3, 1));
        _store.Write(ShippingNode.Left(4, 2));
        Assert.Equal(
            [ShippingNode.Left(1, 1), ShippingNode.Left(2, 1), ShippingNode.Left(3, 2), ShippingNode.Left(4, 2), Nothing(5)],
            await ReadAsync(1, 2, 3, 4, 5));
        Assert.Equal(5, _redis.Counts.Asked.Value);
    }

    [Fact]
    public async Task Many_users_are_asked_for_at_once()
    {
        await ShipAsync([.. Enumerable.Range(1, 1_500).Where(static user => user % 3 == 0).Select(static user => ShippingNode.Left((ulong)user, 1))]);
        ulong[] users = [.. Enumerable.Range(1, 1_500).Select(static user => (ulong)user)];
        Assert.Equal(users.Select(static user => user % 3 == 0 ? ShippingNode.Left(user, 1) : Nothing(user)), await ReadAsync(users));
    }

    [Fact]
    public async Task What_has_been_ours_since_is_not_asked_for()
    {
        await ShipAsync(ShippingNode.Left(1, 9), ShippingNode.Left(2, 9));
        _store.Write(ShippingNode.Left(1, 1));
        _store.Write(ShippingNode.Left(2, 1));
        _ownership.Owned.Add(1);
        Assert.Equal([ShippingNode.Left(1, 1), ShippingNode.Left(2, 9)], await ReadAsync(1, 2));
        Assert.Equal(1, _redis.Counts.Asked.Value);
    }

    [Fact]
    public async Task What_is_past_the_retention_there_is_not_known()
    {
        await ShipAsync(ShippingNode.Left(1, 1));
        _redis.Time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromMinutes(5));
        Assert.Equal([ShippingNode.Left(1, 1)], await ReadAsync(1));
        _redis.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal([Nothing(1)], await ReadAsync(1));
    }

    [Fact]
    public async Task A_Redis_that_does_not_answer_costs_two_seconds_once_and_the_local_record_is_the_answer()
    {
        await ShipAsync(ShippingNode.Left(1, 2));
        _store.Write(ShippingNode.Left(1, 1));
        _redis.Process.Pause();
        Assert.Equal([ShippingNode.Left(1, 1)], await ReadAsync(1));
        Assert.Equal(1, _redis.Counts.AnsweredLocally.Value);
        Assert.True(_redis.Link.IsAway);

        // Nobody waits any more: what is asked now is answered before this returns from the store's thread.
        long asked = _redis.Counts.AnsweredLocally.Value;
        await ReadAsync(1, 2, 3);
        Assert.Equal(asked + 3, _redis.Counts.AnsweredLocally.Value);
        Assert.Equal(0, _redis.Counts.Asked.Value);

        // Whoever ships finds that it is back.
        _redis.Process.Continue();
        await _redis.Target("n").StateAsync();
        Assert.Equal([ShippingNode.Left(1, 2)], await ReadAsync(1));
    }

    [Fact]
    public async Task A_read_sees_what_its_thread_wrote_before()
    {
        await ShipAsync(ShippingNode.Left(1, 1));
        List<Task<UserRecord[]>> answers = [];
        for (int number = 2; number < 200; number++)
        {
            _store.Write(ShippingNode.Left(1, number));
            var read = new TestRead(1);
            _store.Read(read);
            answers.Add(read.Answer);
        }

        for (int i = 0; i < answers.Count; i++)
        {
            Assert.InRange((await answers[i])[0].Version, ShippingNode.Version(i + 2), ulong.MaxValue);
        }
    }

    [Fact]
    public async Task A_store_that_has_stopped_fails_the_read()
    {
        await _local.Store.DisposeAsync();
        await Assert.ThrowsAsync<IOException>(() => ReadAsync(1));
    }

    private static UserRecord Nothing(ulong user) => new(user, 0, -1, -1, 0, 0);

    private async Task<UserRecord[]> ReadAsync(params ulong[] users)
    {
        // Answered twice it would throw.
        var read = new TestRead(users);
        _store.Read(read);
        return await read.Answer;
    }

    private async Task ShipAsync(params UserRecord[] records)
    {
        ShipTarget target = _redis.Target($"n{_cursor++}");
        var begin = new Presence.Server.Storage.Journal.JournalPosition(1, 5, 128, 0);
        await target.MoveAsync("", begin, isGap: false);
        var batch = new ShipBatch();
        Array.ForEach(records, record => batch.Add(record));
        await target.ShipAsync(batch, begin, begin);
    }

    private sealed class Ownership : IOwnership
    {
        public HashSet<ulong> Owned { get; } = [];

        public bool HasOwnedSince(ulong userId, ulong version) => Owned.Contains(userId);

        public bool IsHome(ulong userId) => true;
    }
}
