using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A node that is home of a user no more, and does not know it yet or has something of it under way, takes nothing away from the next.</summary>
public sealed class FormerHomeTests : IDisposable
{
    private const ulong Watcher = 1_000_000;

    private readonly NodesWorld _nodes = new(1, 1, 1);

    public void Dispose() => _nodes.Dispose();

    [Fact]
    public void Whose_record_arrives_when_its_home_is_another_is_not_taken_into_memory()
    {
        ulong user = _nodes.MovingTo(node: 2, from: 1).First(user => OwnerWithoutNode2(user) == 1);
        _nodes[2].Connect(user);
        _nodes.Settle();
        _nodes.Kill(2);
        _nodes.Follow(0, 1);
        FakeStore store = _nodes[1].Store;
        store.AnswersAtOnce = false;
        _nodes[0].Watcher(Watcher, user);
        _nodes.Settle();
        _nodes.Rejoin(2);
        _nodes.Follow(0, 1, 2);
        store.AnswersAtOnce = true;
        store.AnswerAll();
        _nodes.Settle();
        Assert.True(_nodes[1].Shards[0].Users.Find(user) < 0);
    }

    // Of two neither knows that it is the one that is cut off.
    [Fact]
    public void Who_is_taken_for_dead_and_gives_its_users_up_does_not_undo_what_they_chose_meanwhile()
    {
        using var two = new NodesWorld(1, 1);
        ulong user = two.UserOf(home: 1);
        FakeConnection device = two[0].Connect(user), watcher = two[0].Watcher(Watcher, user);
        two.Settle();
        two.CutOff(1);
        two.Expel(1);
        two.FollowLate(late: 1, 0);
        two.Advance(1_000);
        device.SetStatus(1, Status.Invisible);
        two.Settle();
        ulong chosen = two[0].Store[user].Version;
        Assert.True(Records.IsInvisible(two[0].Store[user]));
        // Node 1 has not heard its edge for as long as it waits.
        for (long left = two[0].Options.EdgeHoldMs + 10_000; left > 0; left -= 5_000)
        {
            two.Advance(5_000);
            device.Heard();
            watcher.Heard();
        }

        Assert.True(two[1].Shards[0].Users.Find(user) < 0);
        Assert.Equal((chosen, true), (two[0].Store[user].Version, Records.IsInvisible(two[0].Store[user])));
        two.Cut.Clear();
        two.Rejoin(1);
        two.Follow(0, 1);
        two.Advance(3_000);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
        Assert.DoesNotContain(watcher.Frames.SelectMany(static frame => frame.PresenceBatch?.Entries ?? []).Skip(2), static entry => entry.Status == Status.Online);
    }

    [Fact]
    public void Who_was_told_a_later_last_active_time_under_an_older_version_keeps_it()
    {
        ulong user = _nodes.UserOf(home: 1);
        FakeConnection device = _nodes[0].Connect(user);
        _nodes[0].Connect(user, device: 2, status: Status.Offline);
        _nodes.Settle();
        device.SetStatus(1, Status.Offline);
        _nodes.Settle();
        UserRecord record = _nodes[1].Store[user];
        var told = new PresenceState { UserId = user, Version = record.Version - 1, Status = Status.Offline, LastActiveMs = record.LastActiveMs + 3, AsOfMs = PresenceState.NoTime };
        _nodes[1].Shards[0].Home.HandOver.Outbid(user, told);
        Assert.Equal(told.LastActiveMs, _nodes[1].Store[user].LastActiveMs);
        Assert.True(_nodes[1].Store[user].Version > record.Version);
    }

    private static int OwnerWithoutNode2(ulong user)
    {
        var ring = new Ring(["00", "01"], seed: 5);
        return int.Parse(ring.Members[ring.OwnerOf(user)]);
    }
}
