using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A walk over all users takes many turns: what is said of one whom it has not come to counts as if it had.</summary>
public sealed class OvertakenWalkTests : IDisposable
{
    private const ulong Watcher = 1_000_000;
    private const ulong Crowd = 2_000_000;
    private const int Many = 300;

    private readonly NodesWorld _nodes = new(
        new ShardOptions { Budget = TurnBudget.Default with { WalkedUsers = 1, NamedUsers = 1 } },
        [1, 1, 1]);

    public void Dispose() => _nodes.Dispose();

    [Fact]
    public void Who_is_named_to_a_home_that_was_taken_for_dead_stays()
    {
        ulong user = _nodes.UserOf(home: 0);
        FakeConnection device = _nodes[1].Connect(user), watcher = _nodes[1].Watcher(Watcher, user);
        _nodes.Settle();
        BringCrowd(0);
        TakeForDead(0, () => _nodes.IsPaused = true);
        Overtake();
        for (int i = 0; i < 6; i++)
        {
            _nodes.Advance(10_000);
            device.Heard();
            watcher.Heard();
        }

        FakeConnection after = _nodes[2].Watcher(Watcher + 1, user);
        _nodes.Settle();
        Assert.Equal((Status.Online, Status.Online), (watcher.StatusOf(user), after.StatusOf(user)));
        Assert.DoesNotContain(watcher.Frames.SelectMany(static frame => frame.PresenceBatch?.Entries ?? []), static entry => entry.Status == Status.Offline);
    }

    [Fact]
    public void What_was_chosen_meanwhile_is_not_undone_by_a_question()
    {
        ulong user = _nodes.UserOf(home: 0);
        FakeConnection device = _nodes[1].Connect(user), watcher = _nodes[1].Watcher(Watcher, user);
        _nodes.Settle();
        BringCrowd(0);
        int before = 0;
        TakeForDead(0, () =>
        {
            device.SetStatus(1, Status.Invisible);
            _nodes.Settle();
            Assert.True(device.IsAcked(1));
            before = watcher.Frames.Count;
            _nodes.IsPaused = true;
        });
        Overtake();
        _nodes.Advance(3_000);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
        Assert.DoesNotContain(watcher.Frames.Skip(before).SelectMany(static frame => frame.PresenceBatch?.Entries ?? []), static entry => entry.Status == Status.Online);
    }

    [Fact]
    public void Who_has_left_while_another_was_home_is_not_brought_back_by_the_third_ring()
    {
        // Who has just come holds whom others may have had.
        _nodes.Advance(60_000);
        _nodes.Kill(2);
        _nodes.Follow(0, 1);
        _nodes.Rejoin(2);
        _nodes.Follow(0, 1, 2);
        ulong user = MovesTo(0, without: 2);
        _nodes[0].Connect(user, device: 2);
        FakeConnection device = _nodes[1].Connect(user, status: Status.Busy), watcher = _nodes[1].Watcher(Watcher, user);
        _nodes.Settle();
        Assert.Equal(Status.Busy, watcher.StatusOf(user));
        BringCrowd(0);

        // All three within one walk.
        _nodes.IsPaused = true;
        _nodes.Kill(2);
        _nodes.Follow(0, 1);
        _nodes.Rounds(10);
        _nodes.Rejoin(2);
        _nodes.Follow(0, 1, 2);
        _nodes.Rounds(10);
        device.Goodbye();
        _nodes.Rounds(10);
        _nodes.Kill(2);
        _nodes.Follow(0, 1);
        _nodes.Rounds(10);
        Assert.True(_nodes[0].Shards[0].Nodes!.IsWalking);
        _nodes.IsPaused = false;
        // As long as somebody may come back from the node that is gone.
        _nodes.Advance(16_000);
        Assert.Equal(Status.Online, watcher.StatusOf(user));
    }

    [Fact]
    public void A_record_that_was_asked_for_before_is_not_judged_until_all_are_named()
    {
        _nodes.Kill(2);
        _nodes.Follow(0, 1);
        ulong user = _nodes.MovingTo(node: 2, from: 1).First(one => _nodes.HomeOf(one) == 0);
        FakeStore store = _nodes[0].Store;
        store.AnswersAtOnce = false;
        FakeConnection device = _nodes[1].Connect(user);
        _nodes.Settle();
        store.AnswersAtOnce = true;
        _nodes.Rejoin(2);
        _nodes.Follow(0, 1, 2);
        FakeConnection watcher = _nodes[1].Watcher(Watcher, user);
        for (int i = 0; i < 12; i++)
        {
            _nodes.Advance(10_000);
            device.Heard();
            watcher.Heard();
        }

        Assert.Equal(Status.Online, watcher.StatusOf(user));
        _nodes.Kill(2);
        _nodes.FollowLate(late: 1, 0, 1);
        store.AnswerAll();
        _nodes.Settle();
        _nodes.CatchUp();
        _nodes.Advance(3_000);
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        Assert.DoesNotContain(watcher.Frames.SelectMany(static frame => frame.PresenceBatch?.Entries ?? []), static entry => entry.Status == Status.Offline);
    }

    [Fact]
    public void A_status_that_has_waited_for_its_time_says_nothing_of_what_was_chosen_since()
    {
        ulong user = _nodes.UserOf(home: 0);
        FakeConnection device = _nodes[1].Connect(user), watcher = _nodes[1].Watcher(Watcher, user);
        _nodes.Settle();
        for (ulong request = 1; request <= 6; request++)
        {
            device.SetStatus(request, request % 2 == 0 ? Status.Busy : Status.Away);
            _nodes.Settle();
        }

        Assert.False(device.IsAcked(6));
        BringCrowd(0);
        int before = 0;
        TakeForDead(0, () =>
        {
            device.SetStatus(7, Status.Invisible);
            _nodes.Settle();
            Assert.True(device.IsAcked(7));
            before = watcher.Frames.Count;
            _nodes.IsPaused = true;
        });
        Overtake();
        _nodes.Advance(3_000);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
        Assert.DoesNotContain(watcher.Frames.Skip(before).SelectMany(static frame => frame.PresenceBatch?.Entries ?? []), entry => entry.UserId == user && entry.Status is not (Status.Offline or Status.Unknown));
    }

    [Fact]
    public void That_a_user_is_to_be_seen_again_is_heard_though_all_are_being_named()
    {
        for (ulong one = Crowd; one < Crowd + Many; one++)
        {
            _nodes[0].Connect(one);
        }

        ulong user = _nodes.UserOf(home: 1);
        FakeConnection there = _nodes[1].Connect(user, device: 2);
        _nodes[0].Connect(user);
        _nodes.Settle();
        there.SetStatus(1, Status.Invisible);
        _nodes.Settle();
        Assert.True(IsInvisibleAt0(user));

        // All are named anew to node 1, the newest first.
        _nodes.IsPaused = true;
        _nodes.Cut.Add((0, 1));
        _nodes.Rounds(30, ms: 50);
        _nodes.Cut.Clear();
        _nodes.Rounds(6, ms: 50);
        there.SetStatus(2, Status.Online);
        _nodes.Cut.Add((1, 0));
        _nodes.Rounds(6, ms: 1);
        _nodes.Cut.Clear();
        _nodes.Rounds(1);
        Assert.True(_nodes[0].Shards[0].Nodes!.HasWork);
        _nodes.IsPaused = false;
        _nodes.Advance(3_000);
        Assert.False(IsInvisibleAt0(user));
    }

    private bool IsInvisibleAt0(ulong user) => _nodes[0].Shards[0].Users[_nodes[0].Shards[0].Users.Find(user)].Has(UserFlags.Invisible);

    // Behind those who are there: a walk comes to them first.
    private void BringCrowd(int node)
    {
        ulong next = Crowd;
        for (int i = 0; i < Many; i++)
        {
            // Nobody of it is known anywhere else.
            ulong one = _nodes.UserOf(node, next);
            next = one + 1;
            _nodes[node].Connect(one);
        }

        _nodes.Settle();
    }

    // For so long that all is said that there is to say, and the walk is not over.
    private void Overtake()
    {
        _nodes.Rounds(80, ms: 100);
        Assert.True(_nodes[0].Shards[0].Nodes!.IsWalking);
        _nodes.IsPaused = false;
    }

    private ulong MovesTo(int node, int without)
    {
        ulong user = _nodes.UserOf(home: without);
        while (!NodesWorld.WouldMove(user, node, [.. Enumerable.Range(0, 3).Where(one => one != without)]))
        {
            user = _nodes.UserOf(home: without, user + 1);
        }

        return user;
    }

    private void TakeForDead(int node, Action meanwhile)
    {
        _nodes.Still.Add(node);
        _nodes.Expel(node);
        _nodes.Follow([.. Enumerable.Range(0, 3).Where(one => one != node)]);
        meanwhile();
        _nodes.ComeBack(node);
    }
}
