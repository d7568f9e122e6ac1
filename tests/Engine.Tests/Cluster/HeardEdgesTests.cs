using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A home that hears nobody any more takes nobody down by its own clock: whoever it misses may be with another.</summary>
public sealed class HeardEdgesTests : IDisposable
{
    private const int Edge = 0;
    private const int Home = 1;
    private const int At = 2;
    private const ulong Watcher = 1_000_000;
    private const long StepMs = 5_000;

    private NodesWorld _nodes = null!;

    /// <summary>Of the shards of each node.</summary>
    public static TheoryData<int, int, int> Counts => new() { { 2, 2, 2 }, { 1, 4, 2 }, { 4, 1, 2 }, { 1, 3, 1 } };

    public void Dispose() => _nodes?.Dispose();

    [Theory]
    [MemberData(nameof(Counts))]
    public void A_home_that_hears_nobody_keeps_those_who_are_at_others(int edge, int home, int at)
    {
        ulong user = Begin(edge, home, at);
        FakeConnection device = _nodes[Edge].Connect(user), watcher = _nodes[At].Watcher(Watcher, user);
        _nodes.Settle();
        ulong version = watcher.VersionOf(user);
        HomeHearsNobody();
        Pass(_nodes[Home].Options.EdgeHoldMs + (2 * StepMs), device, watcher);
        Assert.Equal((Status.Online, version), (watcher.StatusOf(user), watcher.VersionOf(user)));
        _nodes.Cut.Clear();
        Pass(_nodes[Home].Options.EdgeHoldMs, device, watcher);
        Assert.Equal((Status.Online, version), (watcher.StatusOf(user), watcher.VersionOf(user)));
    }

    [Theory]
    [MemberData(nameof(Counts))]
    public void Who_has_left_it_is_held_until_it_hears_again(int edge, int home, int at)
    {
        ulong user = Begin(edge, home, at);
        FakeConnection device = _nodes[Home].Connect(user), watcher = _nodes[At].Watcher(Watcher, user);
        _nodes.Settle();
        HomeHearsNobody();
        Pass(2 * StepMs, device, watcher);
        device.Lose();
        Pass(_nodes[Home].Options.HoldMs + (2 * StepMs), watcher);
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        _nodes.Cut.Clear();
        Pass(StepMs, watcher);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
    }

    [Theory]
    [MemberData(nameof(Counts))]
    public void Of_three_one_that_is_not_heard_is_the_one_that_is_gone(int edge, int home, int at)
    {
        ulong user = Begin(edge, home, at);
        FakeConnection device = _nodes[Edge].Connect(user), watcher = _nodes[At].Watcher(Watcher, user);
        _nodes.Settle();
        _nodes.CutOff(Edge);
        Pass(_nodes[Home].Options.EdgeHoldMs + (2 * StepMs), device, watcher);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
    }

    // A user of the home's last shard. Each edge is heard by one shard of the home, by its number: where the home has more of them than the others, the last hears nobody.
    private ulong Begin(params int[] shards)
    {
        _nodes = new NodesWorld(shards);
        ulong user = _nodes.UserOf(Home);
        while (_nodes[Home].ShardOf(user).Address.Shard != shards[Home] - 1)
        {
            user = _nodes.UserOf(Home, from: user + 1);
        }

        return user;
    }

    private void HomeHearsNobody() => _nodes.Cut.UnionWith([(Edge, Home), (At, Home)]);

    private void Pass(long ms, params FakeConnection[] living)
    {
        for (long left = ms; left > 0; left -= StepMs)
        {
            _nodes.Advance(StepMs);
            Array.ForEach(living, static connection => connection.Heard());
        }
    }
}
