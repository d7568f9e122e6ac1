using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Xunit;

namespace Presence.Server.Tests.Cluster;

/// <summary>Of two that lose each other neither knows who is cut off: in Production two are refused, unless there were three.</summary>
[Collection(ClusterScene.Collection)]
public sealed class TwoMembersTests
{
    private const string Production = "environment=Production";

    [Fact]
    public async Task The_second_of_two_is_not_ready_before_there_are_three_and_is_when_the_third_is_lost()
    {
        await using ClusterScene scene = await ClusterScene.StartAsync(nodes: 1, Production);
        scene.Nodes.Add(await scene.StartNodeAsync(ClusterScene.Name(2), [Production]));
        await AreTwoAsync(scene[1], "failed");
        await AreTwoAsync(scene[0], "degraded");

        scene.Nodes.Add(await scene.StartNodeAsync(ClusterScene.Name(3), [Production]));
        foreach (ServerProcess node in scene.Nodes)
        {
            await ClusterScene.HasMembersAsync(node, 3);
        }

        await scene[2].KillAsync();
        await AreTwoAsync(scene[0], "degraded");
        await AreTwoAsync(scene[1], "degraded");
        Assert.Equal(0, await scene[1].StopAsync());
        scene.Nodes.Add(await scene[1].AgainAsync());
        await AreTwoAsync(scene[3], "degraded");
    }

    private static Task AreTwoAsync(ServerProcess node, string status) =>
        Scene.UntilAsync(async () => (await node.HasAsync("cluster", status)).StartsWith("There are two members", StringComparison.Ordinal));
}
