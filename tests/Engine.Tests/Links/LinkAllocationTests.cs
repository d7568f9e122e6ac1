using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>What a link says of its users allocates nothing on the shard's thread, and nothing for a user.</summary>
public sealed class LinkAllocationTests : IDisposable
{
    private const int Users = 5_000;

    private readonly Shard _shard;
    private readonly Batch _batch = new() { UserIds = [.. Enumerable.Range(1, Users).Select(user => (ulong)user)], Count = Users };
    private long _mono = 1_000_000;

    public LinkAllocationTests()
    {
        var setup = new ShardSetup(new ShardOptions(), new Topology(0, 1, 64, 42), new QuietStore(), new QuietJournal(), Seed: 7);
        _shard = setup.Build([new QuietWake()], Now)[0];
        _shard.Inbox.TryPostLiveness(new LinkBegins(0, 77, resumed: false));
        _shard.Inbox.TryPostLiveness(new LinkCompletes(0));
        Say(LinkVerb.Up);
    }

    private TurnTime Now => new(_mono, 1_790_000_000_000 + _mono, _mono);

    public void Dispose() => _shard.Dispose();

    [Fact]
    public void Beats_and_their_lazy_deadlines()
    {
        long visited = _shard.Counters.DeadlinesVisited;
        AllocatesNothing(rounds: 500, () => Say(LinkVerb.Beat));
        Assert.True(_shard.Counters.DeadlinesVisited - visited >= 2 * Users);
        Assert.Equal(Users, _shard.Users.Count);
    }

    [Fact]
    public void Changes_of_status() => AllocatesNothing(rounds: 200, () =>
    {
        _batch.Status = _batch.Status == Status.Busy ? Status.Away : Status.Busy;
        Say(LinkVerb.Up);
    });

    [Fact]
    public void Coming_and_going()
    {
        long transitions = _shard.Counters.Transitions.Sum();
        AllocatesNothing(rounds: 200, () =>
        {
            Say(LinkVerb.Down);
            Say(LinkVerb.Up);
        });
        Assert.Equal(400 * 2 * Users, _shard.Counters.Transitions.Sum() - transitions);
    }

    private static void AllocatesNothing(int rounds, Action work)
    {
        for (int i = 0; i < rounds; i++)
        {
            work();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < rounds; i++)
        {
            work();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void Say(LinkVerb verb)
    {
        _mono += 200;
        _batch.Verb = verb;
        _shard.Inbox.TryPostLiveness(_batch);
        while (_shard.Turn(Now))
        {
        }
    }

    private sealed class Batch : LinkBatch
    {
        protected internal override void Done(in LinkTally tally)
        {
        }
    }
}
