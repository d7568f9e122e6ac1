using CsCheck;

namespace Presence.Engine.Tests;

public sealed class WatchListsTests
{
    private const int Watching = 6;

    [Fact]
    public void Lists_do_not_disturb_each_other() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, Watching - 1], Gen.Int[0, 100]).Array[0, 800].Sample(steps =>
        {
            using var world = new World();
            var connections = new Connections();
            using var lists = new WatchLists(connections);
            var model = new HashSet<int>[Watching];
            for (int slot = 0; slot < Watching; slot++)
            {
                connections.Add(new FakeConnection(world, 1));
                model[slot] = [];
            }

            foreach ((int act, int slot, int watched) in steps)
            {
                ConnectionPort connection = connections[slot];
                if (act < 6)
                {
                    if (model[slot].Add(watched))
                    {
                        lists.Add(connection, watched);
                    }
                }
                else if (act < 9)
                {
                    Assert.Equal(model[slot].Remove(watched), lists.Remove(connection, watched));
                }
                else
                {
                    model[slot].Clear();
                    lists.Clear(connection);
                }
            }

            for (int slot = 0; slot < Watching; slot++)
            {
                Assert.Equal(model[slot].Order(), lists.Of(connections[slot]).ToArray().Order());
                Assert.Equal(model[slot].Count, connections[slot].Watches.Count);
            }
        }, iter: 500);
}
