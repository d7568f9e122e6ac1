using Presence.Protocol;

namespace Presence.Engine.Tests;

/// <summary>A shard whose receiver is far behind never waits and never piles up more than one change a user.</summary>
public sealed class PeerLaneTests
{
    private readonly PeerLane _lane = new(from: 0, new Inbox(InboxCapacity.Default, new Silent()), new MailFlags(1), capacity: 1_024);

    [Fact]
    public void Changes_that_find_no_room_coalesce_to_the_newest_of_each_user()
    {
        for (ulong version = 1; version <= 5_000; version++)
        {
            _lane.Post(Batch(user: version % 10, version));
        }

        Assert.Equal(10, _lane.Backlog);
        List<PresenceState> seen = TakeAll();
        for (int flushes = 0; _lane.Backlog > 0; flushes++)
        {
            Assert.True(flushes < 3);
            _lane.FlushBacklog(clock: 7);
            seen.AddRange(TakeAll());
        }

        Assert.Equal(Enumerable.Range(4_991, 10).Select(version => (ulong)version).Order(), seen[^10..].Select(state => state.Version).Order());
        foreach (IGrouping<ulong, ulong> user in seen.GroupBy(state => state.UserId, state => state.Version))
        {
            Assert.Equal(user.Order(), user);
        }
    }

    [Fact]
    public void Questions_that_find_no_room_arrive_all_and_in_order()
    {
        Question[] questions = [.. Enumerable.Range(0, 3_000).Select(_ => new Question(default, new PendingAnswer([], []), [], []))];
        foreach (Question question in questions)
        {
            _lane.Post(question);
        }

        var taken = new List<PeerMessage>();
        do
        {
            _lane.FlushBacklog(clock: 7);
            while (_lane.TryTake() is { } message)
            {
                taken.Add(message);
            }
        }
        while (_lane.Backlog > 0);

        Assert.Equal(questions, taken);
    }

    [Fact]
    public void A_great_many_late_changes_go_in_parts_and_only_when_there_is_room()
    {
        const int Users = 10_000;
        for (ulong user = 1; user <= 1_024 + Users; user++)
        {
            _lane.Post(Batch(user, version: user));
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        _lane.FlushBacklog(clock: 7);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(Users, _lane.Backlog);
        var seen = TakeAll().Select(state => state.UserId).ToHashSet();
        _lane.FlushBacklog(clock: 7);
        Assert.Equal(0, _lane.Backlog);
        while (_lane.TryTake() is ChangeBatch batch)
        {
            Assert.InRange(batch.Count, 1, 4_096);
            seen.UnionWith(batch.States.ToArray().Select(state => state.UserId));
        }

        Assert.Equal(1_024 + Users, seen.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(70)]
    public void A_shard_sees_at_a_glance_who_has_written_to_it(int shards)
    {
        var mesh = new Mesh([.. Enumerable.Range(0, shards).Select(_ => new Inbox(InboxCapacity.Default, new Silent()))]);
        MailFlags mail = mesh.MailOf(0);
        Assert.False(mail.Any);
        mesh.Lane(shards - 1, 0).Post(Batch(user: 1, version: 1));
        Assert.True(mail.Any);
        Assert.Equal(1UL << ((shards - 1) % 64), mail.Take(mail.Words - 1));
        Assert.False(mail.Any);
        Assert.Equal(0UL, mail.Take(mail.Words - 1));
    }

    private static ChangeBatch Batch(ulong user, ulong version)
    {
        var batch = new ChangeBatch();
        batch.Add(PresenceState.NeverSeen(user) with { Version = version });
        batch.Close(clock: version, readers: 1, decidedUs: 0);
        return batch;
    }

    private List<PresenceState> TakeAll()
    {
        var states = new List<PresenceState>();
        while (_lane.TryTake() is ChangeBatch batch)
        {
            states.AddRange(batch.States);
        }

        return states;
    }

    private sealed class Silent : IWake
    {
        public void Wake()
        {
        }
    }
}
