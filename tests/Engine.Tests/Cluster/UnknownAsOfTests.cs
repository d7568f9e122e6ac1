using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>How old the last word is of users of whom nothing can be said: of those whose home is not reached, and of those who have another that does not know them yet.</summary>
public sealed class UnknownAsOfTests : IDisposable
{
    private const int Home = 0;
    private const int Asker = 1;
    private const int Other = 2;
    private const ulong Watcher = 1_000_000;

    // Until a node that speaks once a second has done so, and its siblings in each node have heard of it.
    private const long SpokenMs = 2_100;
    private const long WhileMs = 4_000;

    // Of which edges a shard hears depends on how many there are.
    private readonly NodesWorld _nodes = new(2, 4, 1);
    private ulong _asked = Watcher;

    public void Dispose() => _nodes.Dispose();

    [Fact]
    public void A_home_that_is_cut_off_is_as_of_its_last_word()
    {
        _nodes.Advance(SpokenMs);
        long lastMs = _nodes[Asker].WallMs;
        _nodes.CutOff(Home);
        _nodes.Advance(WhileMs);
        AssertAsOf(Ask(Asker, _nodes.UserOf(Home)), lastMs);
        // It is silent by now, and then no member any more.
        _nodes.Advance(WhileMs);
        AssertAsOf(Ask(Asker, _nodes.UserOf(Home, from: 500)), lastMs);
        _nodes.Expel(Home);
        AssertAsOf(Ask(Asker, _nodes.UserOf(Home, from: 900)), lastMs);
    }

    [Fact]
    public void A_home_that_has_not_spoken_as_this_member_has_no_time()
    {
        using var nodes = new NodesWorld(2, 2);
        nodes.CutOff(Home);
        nodes.Expel(Home);
        nodes.Rejoin(Home);
        nodes.Advance(WhileMs);
        FakeConnection watcher = nodes[Asker].Watcher(Watcher, nodes.UserOf(Home));
        nodes.Advance(WhileMs);
        PresenceEntry entry = watcher.Of(nodes.UserOf(Home));
        Assert.Equal((Status.Unknown, false), (entry.Status, entry.HasAsOfMs));
    }

    [Fact]
    public void A_home_that_does_not_know_its_users_yet_is_as_of_the_last_word_of_the_dead_one_before()
    {
        _nodes.Advance(SpokenMs);
        long lastMs = _nodes[Asker].WallMs;
        ulong user = MovesToAsker(of: Home, members: [Asker, Other]);
        _nodes.Kill(Home);
        _nodes.Advance(WhileMs);
        // What the third has is not named yet: it follows the ring late.
        _nodes.FollowLate(Other, Asker, Other);
        _nodes.Advance(WhileMs);
        AssertAsOf(Ask(Asker, user), lastMs);
    }

    [Fact]
    public void A_home_that_does_not_know_its_users_yet_is_as_of_its_beginning_where_the_one_before_lives()
    {
        ulong user = MovesToAsker(of: Home, members: [Asker, Other]);
        _nodes.Advance(SpokenMs);
        long beganMs = _nodes[Asker].WallMs;
        _nodes.FollowLate(Other, Asker, Other);
        _nodes.Advance(WhileMs);
        AssertAsOf(Ask(Asker, user), beganMs);
    }

    private static void AssertAsOf(PresenceEntry entry, long lastMs)
    {
        Assert.Equal((Status.Unknown, true), (entry.Status, entry.HasAsOfMs));
        // A node speaks once a second.
        Assert.InRange((long)entry.AsOfMs, lastMs - 1_100, lastMs);
    }

    private PresenceEntry Ask(int at, ulong user)
    {
        FakeConnection watcher = _nodes[at].Watcher(_asked++, user);
        _nodes.Advance(WhileMs);
        return watcher.Of(user);
    }

    private ulong MovesToAsker(int of, int[] members)
    {
        _nodes.Follow(members);
        ulong[] theirs = [.. Enumerable.Range(1, 500).Select(static user => (ulong)user).Where(user => _nodes.HomeOf(user) == Asker)];
        _nodes.Follow(0, 1, 2);
        return theirs.First(user => _nodes.HomeOf(user) == of);
    }
}
