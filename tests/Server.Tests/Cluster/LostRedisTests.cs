using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Cluster;

/// <summary>Redis goes, hangs, or forgets: clients notice nothing, and there is one cluster at the end.</summary>
[Collection(ClusterScene.Collection)]
public sealed class LostRedisTests
{
    private const int Nodes = 3;
    private const ulong User = 7;

    // Nobody beats for the client.
    private const string Patient = "Presence:Session:HeartbeatInterval=00:00:30";

    [Fact]
    public async Task While_Redis_is_away_all_goes_on_and_nobody_is_declared_dead()
    {
        await using ClusterScene scene = await ClusterScene.StartAsync(Nodes, Patient);
        RawClient client = await scene.ConnectAsync(0, User);
        Watcher watcher = await scene.WatchAsync(1, User);
        await scene.Redis.KillAsync();
        await AllGoesOnAsync(client, watcher);
        await scene.Redis.AgainAsync();
        await AllGoesOnAsync(client, watcher);
        await HaveAsync(scene, Nodes);
        scene.Redis.Pause();
        await AllGoesOnAsync(client, watcher);
        scene.Redis.Continue();
        await AllGoesOnAsync(client, watcher);
        Assert.DoesNotContain(watcher.All, static entry => entry.Status is Status.Offline or Status.Unknown);
        await HaveAsync(scene, Nodes);
    }

    // By request, since it takes long (CONTRIBUTING.md).
    [Fact(Explicit = true)]
    public async Task A_Redis_that_has_forgotten_all_is_told_again_and_who_comes_joins_the_others()
    {
        await using ClusterScene scene = await ClusterScene.StartAsync(Nodes, Patient);
        RawClient client = await scene.ConnectAsync(0, User);
        Watcher watcher = await scene.WatchAsync(1, User);
        await scene.Redis.KillAsync();
        scene.Redis.Forget();
        await scene.Redis.AgainAsync();
        // Comes to an empty Redis before the others may have looked.
        scene.Nodes.Add(await scene.StartNodeAsync(ClusterScene.Name(Nodes + 1), [Patient]));
        await HaveAsync(scene, Nodes + 1);
        await AllGoesOnAsync(client, watcher);
        Assert.DoesNotContain(watcher.All, static entry => entry.Status is Status.Offline or Status.Unknown);
        Watcher late = await scene.WatchAsync(Nodes, User);
        Assert.Equal(watcher.Latest(User).Version, late.Latest(User).Version);
    }

    // By request, since it takes long (CONTRIBUTING.md).
    [Fact(Explicit = true)]
    public async Task A_cluster_that_is_founded_again_goes_on_without_a_member_that_died_meanwhile()
    {
        await using ClusterScene scene = await ClusterScene.StartAsync(Nodes, Patient);
        RawClient client = await scene.ConnectAsync(0, User);
        Watcher watcher = await scene.WatchAsync(1, User);
        await scene.Redis.KillAsync();
        await scene[Nodes - 1].KillAsync();
        scene.Redis.Forget();
        await scene.Redis.AgainAsync();
        // In the membership that they make anew the one that is dead never was, so nothing of it changes any more.
        await ClusterScene.HasMembersAsync(scene[0], Nodes - 1);
        await ClusterScene.HasMembersAsync(scene[1], Nodes - 1);
        await AllGoesOnAsync(client, watcher);
    }

    [Fact]
    public async Task A_directory_of_another_cluster_is_refused_and_so_is_a_name_that_is_taken()
    {
        await using ClusterScene scene = await ClusterScene.StartAsync(nodes: 1);
        await using ServerProcess alone = await ServerProcess.StartAsync();
        Assert.Equal(0, await alone.StopAsync());
        (int code, string output) = await ServerProcess.RunToEndAsync(
            [.. ServerProcess.Defaults(alone.DataDirectory), .. scene.SettingsOf("stranger", LoopbackPorts.Free())]);
        Assert.Equal(2, code);
        Assert.Contains("is not of the cluster", output, StringComparison.Ordinal);

        string folder = Directory.CreateTempSubdirectory("presence-").FullName;
        (code, output) = await ServerProcess.RunToEndAsync([.. ServerProcess.Defaults(folder), .. scene.SettingsOf(ClusterScene.Name(1), LoopbackPorts.Free())]);
        Assert.Equal(3, code);
        Assert.Contains("another node of that name lives", output, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
        await ClusterScene.HasMembersAsync(scene[0], 1);
    }

    [Fact]
    public async Task A_node_that_waits_for_Redis_ends_when_it_is_told_to()
    {
        await using ServerProcess waiting = await ServerProcess.BeginAsync(
            [
                $"Presence:Cluster:Redis={LoopbackPorts.Free()}",
                $"Presence:Cluster:PeerAddress={LoopbackPorts.Free()}",
                "Presence:Auth:JwksUrl=https://127.0.0.1:1/keys",
            ],
            until: "Waiting for the cluster's Redis");
        Assert.Equal(0, await waiting.StopAsync());
        Assert.DoesNotContain("has failed", waiting.Output, StringComparison.Ordinal);
    }

    private static async Task AllGoesOnAsync(RawClient client, Watcher watcher)
    {
        foreach (Status status in (Status[])[Status.Away, Status.Busy, Status.Online])
        {
            await client.SetStatusAsync(3, status);
            await watcher.HasAsync(User, status);
        }
    }

    private static async Task HaveAsync(ClusterScene scene, int members)
    {
        foreach (ServerProcess node in scene.Nodes)
        {
            await ClusterScene.HasMembersAsync(node, members);
        }
    }
}
