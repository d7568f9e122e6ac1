using CsCheck;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

public sealed class WatchIndexTests
{
    private const int Watching = 6;

    // A user's part of an index that has just grown: 4 bytes, three in eight in use.
    private const int MostIndexBytes = 11;

    // What the blocks of twenty sizes may keep.
    private const long Slack = 20 * 2 * EqualBlocks.SlackBytes;

    private static readonly Gen<(int Act, int Connection, ulong User)[]> _steps =
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, Watching - 1], Gen.ULong[1, 40]).Array[0, 400];

    [Fact]
    public void It_knows_who_watches_whom() => _steps.Sample(steps =>
    {
        using var world = new World();
        Connections connections = Connected(world, Watching);
        using var index = new WatchIndex(3, connections);
        var model = new HashSet<(int Connection, ulong User)>();
        foreach ((int act, int connection, ulong user) in steps)
        {
            switch (act)
            {
                case < 6:
                    Assert.Equal(model.Add((connection, user)), index.Add(connections[connection], user, out int watched));
                    Assert.Equal(watched, index.Find(user));
                    break;
                case < 9:
                    Assert.Equal(model.Remove((connection, user)), index.Remove(connections[connection], user));
                    break;
                default:
                    index.RemoveAll(connections[connection]);
                    model.RemoveWhere(watch => watch.Connection == connection);
                    break;
            }

            Assert.Equal(model.Count(watch => watch.Connection == connection), connections[connection].Watches.Count);
        }

        Assert.Equal(model.Count, index.Watches);
        Assert.Equal(model.Select(watch => watch.User).Distinct().Count(), index.Users);
        foreach (IGrouping<ulong, int> watchers in model.GroupBy(watch => watch.User, watch => watch.Connection))
        {
            var slots = new int[Watching + 1];
            int count = index.CopyWatchers(index.Find(watchers.Key), 0, slots);
            Assert.Equal(watchers.Order(), slots[..count]);
        }
    }, iter: 500);

    [Fact]
    public void It_keeps_the_newest_state_as_it_was_told()
    {
        using var world = new World();
        Connections connections = Connected(world, 1);
        using var index = new WatchIndex(3, connections);
        index.Add(connections[0], 5, out int watched);
        PresenceState state = PresenceState.NeverSeen(5) with
        {
            Version = 9,
            LastActiveMs = 0x1234_5678_9ABC,
            StatusText = "gone fishing"u8.ToArray(),
            Kinds = DeviceKinds.Mobile | DeviceKinds.Service,
        };
        Assert.True(index.Learn(watched, state));
        Assert.Equal(state, index.StateOf(watched));
        Assert.False(index.Learn(watched, state with { Version = 8, Status = Status.Busy }));
        Assert.False(index.Learn(watched, state with { Status = Status.Busy }));
        Assert.Equal(state, index.StateOf(watched));
        PresenceState busy = PresenceState.NeverSeen(5) with { Version = 10, Status = Status.Busy };
        Assert.True(index.Learn(watched, busy));
        Assert.Equal(busy, index.StateOf(watched));
    }

    [Fact]
    public void Version_0_is_a_state_too()
    {
        using var world = new World();
        Connections connections = Connected(world, 1);
        using var index = new WatchIndex(3, connections);
        index.Add(connections[0], 5, out int watched);
        Assert.True(index.Learn(watched, PresenceState.NeverSeen(5)));
        Assert.False(index.Learn(watched, PresenceState.NeverSeen(5)));
        Assert.True(index[watched].Has(WatchedFlags.Known));
    }

    // Users in a row or whoever is drawn; 1.3 and 20 watchers of each are what the budget is for.
    [Theory]
    [InlineData(1.3, 10, false, 40)]
    [InlineData(1.3, 100, false, 40)]
    [InlineData(20, 10, false, 16)]
    [InlineData(20, 100, false, 16)]
    [InlineData(20, 100, true, 16)]
    [InlineData(20, 17, true, 16)]
    [InlineData(600, 100, true, 16)]
    public void A_watch_costs_no_more_than_its_budget_and_leaves_no_more_than_records(double watchersEach, int watchesEach, bool atRandom, int budget)
    {
        using var world = new World();
        Connections connections = Connected(world, 14_000);
        using var index = new WatchIndex(3, connections);
        var random = new Random(7);
        var users = (int)(connections.Count * watchesEach / watchersEach);
        Watch(index, connections, watchesEach, n => 1 + (ulong)(atRandom ? random.Next(users) : n % users));
        long full = index.Bytes;
        Assert.InRange((double)full / index.Watches, 0, budget);

        // Records and their index wait for the next users; what lists of watches and watchers took is given back.
        long records = users * (32 + MostIndexBytes);
        Leave(index, connections, every: 2);
        Assert.InRange(index.Bytes, 0, records + (16 * index.Watches) + Slack);
        Leave(index, connections, every: 1);
        Assert.Equal((0, 0), (index.Watches, index.Users));
        Assert.InRange(index.Bytes, 0, records + Slack);

        Watch(index, connections, watchesEach, n => 1_000_000_001 + (ulong)(n % users));
        Assert.InRange(index.Bytes, 0, full + Slack);
    }

    private static Connections Connected(World world, int count)
    {
        var connections = new Connections();
        for (int i = 0; i < count; i++)
        {
            connections.Add(new FakeConnection(world, 1));
        }

        return connections;
    }

    private static void Watch(WatchIndex index, Connections connections, int watchesEach, Func<int, ulong> draw)
    {
        for (int n = 0; n < connections.Count * watchesEach; n++)
        {
            index.Add(connections[n / watchesEach], draw(n), out _);
        }
    }

    private static void Leave(WatchIndex index, Connections connections, int every)
    {
        for (int slot = 0; slot < connections.Count; slot += every)
        {
            index.RemoveAll(connections[slot]);
        }
    }
}
