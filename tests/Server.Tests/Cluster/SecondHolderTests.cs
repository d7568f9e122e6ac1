using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Cluster;

/// <summary>P7: what was acknowledged outlives the node that acknowledged it, whoever its home was.</summary>
[Collection(ClusterScene.Collection)]
public sealed class SecondHolderTests
{
    private const int Nodes = 3;
    private const int Lost = 2;

    private static readonly ulong[] s_users = [.. Enumerable.Range(1, 60).Select(static user => (ulong)user)];

    [Fact]
    public async Task A_status_survives_the_kill_of_the_node_that_was_edge_and_home_at_the_moment_of_its_ack()
    {
        await using ClusterScene scene = await ClusterScene.StartAsync(Nodes);
        RawClient[] clients = await Task.WhenAll(s_users.Select(user => scene.ConnectAsync(Lost, user)));
        Watcher watcher = await scene.WatchAsync(0, s_users);
        Ack[] acks = await Task.WhenAll(clients.Select(static client => client.SetStatusAsync(7, Status.Busy)));
        await scene[Lost].KillAsync();
        Assert.All(acks, static ack => Assert.NotEqual(0UL, ack.Version));

        // The devices come back without a word of it, and their heartbeats are sent for them.
        await Task.WhenAll(s_users.Select(async user => await Watcher.StartAsync(
            await scene.ConnectAsync((int)(user % Lost), user, change: static hello => hello.InitialStatus = Status.Unspecified), [user])));
        await ClusterScene.HasMembersAsync(scene[0], Nodes - 1);
        Watcher after = await scene.WatchAsync(1, s_users);
        foreach (ulong user in s_users)
        {
            await after.HasAsync(user, Status.Busy);
        }

        await watcher.SyncAsync();
        Assert.DoesNotContain(watcher.All, static entry => entry.Status == Status.Offline);
    }
}
