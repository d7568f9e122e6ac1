using Presence.Engine;
using Presence.Server.Diagnostics;
using Presence.Server.Storage;
using Presence.Server.Tests.Configuration;
using Presence.Server.Transport;
using Xunit;

namespace Presence.Server.Tests.Storage;

public sealed class MemoryBudgetTests
{
    [Fact]
    public async Task At_the_budget_new_users_have_no_room_and_known_ones_are_updated()
    {
        await using var fixture = new StoreFixture();
        fixture.Options = new StoreOptions { MemoryBudget = StoreOptions.MinMemoryBudget };
        fixture.Open();
        ulong users = 0;
        while (fixture.Store.HasRoomForNewUsers)
        {
            Assert.InRange(users, 0UL, 1_000_000UL);
            for (var i = 0; i < 1_000; i++)
            {
                fixture.Store.Write(fixture.Record(++users, 1));
            }

            await fixture.ReadOneAsync(users);
        }

        fixture.Store.Write(fixture.Record(1, 2));

        Assert.Equal(2UL, (await fixture.ReadOneAsync(1)).Version);
        Assert.Equal(1UL, (await fixture.ReadOneAsync(users)).Version);
        Assert.False(fixture.Store.HasRoomForNewUsers);
        Assert.Contains("memory budget", fixture.Store.Health.Problem, StringComparison.Ordinal);
        Assert.True(fixture.Store.Health.MemoryBytes / (double)users <= RecordTables.BytesPerUser);
    }

    [Theory]
    [InlineData(1L << 30, 3)]
    [InlineData(400_000_000L, 1)]
    [InlineData(800_000_040L, 3)]
    public void As_many_tables_are_made_as_the_budget_needs(long budget, int tables)
    {
        using var made = new RecordTables(budget, 1, new RetentionRule(TimeSpan.FromDays(7), TimeProvider.System));

        Assert.Equal(tables, made.TableCount);
    }

    [Fact]
    public void Users_spread_evenly_over_the_tables()
    {
        var hash = new UserHash(42);
        var counts = new int[10];
        for (ulong user = 1; user <= 100_000; user++)
        {
            counts[hash.Table(user, counts.Length)]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 9_500, 10_500));
    }

    [Fact]
    public async Task A_store_is_behind_while_as_many_users_as_the_limit_wait_for_their_answers()
    {
        await using var fixture = StoreFixture.Opened();
        var held = new HeldRead();
        fixture.Store.Read(held);
        await held.Reached;
        var waiting = new TestRead([.. Enumerable.Repeat(1UL, PendingWrites.Limit)]);
        fixture.Store.Read(waiting);

        Assert.True(fixture.Store.IsBehind);
        Assert.False(fixture.Store.HasRoomForNewUsers);
        Assert.Null(fixture.Store.Health.Problem);

        held.Release();
        await waiting.Answer;
        Assert.False(fixture.Store.IsBehind);
    }

    [Fact]
    public async Task A_link_is_kept_waiting_for_the_store_for_a_while_and_not_for_ever()
    {
        await using var fixture = StoreFixture.Opened();
        var newUsers = new NewUsers(fixture.Store, Load.Development().OrThrow(), new NodeCounters(), fixture.Time);
        Assert.True(await newUsers.WhenStoredAsync());
        var held = new HeldRead();
        fixture.Store.Read(held);
        await held.Reached;
        var waiting = new TestRead([.. Enumerable.Repeat(1UL, PendingWrites.Limit)]);
        fixture.Store.Read(waiting);

        ValueTask<bool> first = newUsers.WhenStoredAsync();
        Assert.False(first.IsCompleted);
        fixture.Time.Advance(NewUsers.Patience + TimeSpan.FromSeconds(1));
        Assert.False(await first);

        // Who comes behind it does not wait again for what did not come.
        ValueTask<bool> second = newUsers.WhenStoredAsync();
        Assert.True(second.IsCompleted);
        Assert.False(await second);

        held.Release();
        await waiting.Answer;
        Assert.True(await newUsers.WhenStoredAsync());
    }

    [Fact]
    public void More_pending_users_than_the_limit_are_kept_and_counted()
    {
        using var pending = new PendingWrites(new UserHash(42));
        for (ulong user = 1; user <= PendingWrites.Limit + 3; user++)
        {
            pending.Put(new UserRecord(user, 1, 0, 0, 1, 0));
        }

        var drained = 0;
        Assert.Equal(3, pending.BeyondLimit);
        pending.Drain(_ => drained++);
        Assert.Equal(PendingWrites.Limit + 3, drained);
        Assert.Equal(0, pending.Count);
    }

    /// <summary>Keeps the store's thread, which no other read may do.</summary>
    private sealed class HeldRead() : StoreRead([1], 1)
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _release = new();

        public Task Reached => _reached.Task;

        public void Release() => _release.SetResult();

        public override void Complete()
        {
            _reached.SetResult();
            _release.Task.Wait();
        }
    }
}
