using Presence.Protocol;

namespace Presence.Engine.Tests;

/// <summary>A shard whose receiver is far behind never waits and never piles up more than one change a user.</summary>
public sealed class PeerLaneTests
{
    private readonly PeerLane _lane = new(new Inbox(InboxCapacity.Default, new Silent()));

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

    private static ChangeBatch Batch(ulong user, ulong version)
    {
        var batch = new ChangeBatch();
        batch.Add(PresenceState.NeverSeen(user) with { Version = version });
        batch.Close(clock: version, readers: 1);
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
