using CsCheck;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

public sealed class WatchIndexTests
{
    private const int Connections = 6;

    private static readonly Gen<(int Act, int Connection, ulong User)[]> _steps =
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, Connections - 1], Gen.ULong[1, 40]).Array[0, 400];

    [Fact]
    public void It_knows_who_watches_whom() => _steps.Sample(steps =>
    {
        using var world = new World();
        using var index = new WatchIndex(3);
        FakeConnection[] connections = [.. Enumerable.Range(0, Connections).Select(_ => new FakeConnection(world, 1))];
        for (int i = 0; i < Connections; i++)
        {
            connections[i].Slot = i;
        }

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
            var slots = new int[Connections + 1];
            int count = index.CopyWatchers(index.Find(watchers.Key), 0, slots);
            Assert.Equal(watchers.Order(), slots[..count]);
        }
    }, iter: 500);

    [Fact]
    public void It_keeps_the_newest_state_as_it_was_told()
    {
        using var world = new World();
        using var index = new WatchIndex(3);
        var connection = new FakeConnection(world, 1) { Slot = 0 };
        index.Add(connection, 5, out int watched);
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
        using var index = new WatchIndex(3);
        index.Add(new FakeConnection(world, 1) { Slot = 0 }, 5, out int watched);
        Assert.True(index.Learn(watched, PresenceState.NeverSeen(5)));
        Assert.False(index.Learn(watched, PresenceState.NeverSeen(5)));
        Assert.True(index[watched].Has(WatchedFlags.Known));
    }
}
