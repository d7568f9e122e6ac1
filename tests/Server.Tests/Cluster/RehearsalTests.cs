using Presence.Server.Cluster.Rehearsing;
using Xunit;

namespace Presence.Server.Tests.Cluster;

/// <summary>What a node does before it joins is no empty play.</summary>
public sealed class RehearsalTests
{
    [Fact]
    public void Its_nodes_talk_and_its_clients_are_told()
    {
        Rehearsed rehearsed = Rehearsal.Run();

        // Each naming, hand-over and change of 96 users on the way from one to the other; who is told twelve of them, four times.
        Assert.InRange(rehearsed.Batches, 100, 10_000);
        Assert.InRange(rehearsed.Flushes, 1_000, 100_000);
    }
}
