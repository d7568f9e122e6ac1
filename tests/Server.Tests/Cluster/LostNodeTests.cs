using System.Diagnostics;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Cluster;

/// <summary>A node is killed, or stands still: who comes back elsewhere was never away, and who does not is gone in its time.</summary>
[Collection(ClusterScene.Collection)]
public sealed class LostNodeTests
{
    private const int Nodes = 3;
    private const int Users = 30;
    private const int Lost = 2;

    // Those who do not come back.
    private static readonly ulong[] s_leavers = [.. Enumerable.Range(Users + 1, 5).Select(static user => (ulong)user)];

    private static readonly ulong[] s_users = [.. Enumerable.Range(1, Users).Select(static user => (ulong)user)];

    [Fact]
    public async Task Of_a_killed_node_who_comes_back_elsewhere_was_never_away_and_who_does_not_is_offline()
    {
        await using ClusterScene scene = await ClusterScene.StartAsync(Nodes);
        await Task.WhenAll(s_users.Concat(s_leavers).Select(user => scene.ConnectAsync(Lost, user)));
        Watcher watcher = await scene.WatchAsync(0, [.. s_users, .. s_leavers]);
        long killed = Stopwatch.GetTimestamp();
        await scene[Lost].KillAsync();
        await ComeBackAsync(scene);
        await AreGoneAsync(watcher);
        Assert.True(Stopwatch.GetElapsedTime(killed) >= Scene.Hold, "Who may have come back was called offline before the hold was over.");
        await WasNobodyElseAwayAsync(watcher);
        await ClusterScene.HasMembersAsync(scene[0], Nodes - 1);

        // It comes back, and is one of them again.
        scene.Nodes.Add(await scene[Lost].AgainAsync());
        await ClusterScene.HasMembersAsync(scene[0], Nodes);
        await ClusterScene.HasMembersAsync(scene.Nodes[^1], Nodes);
        await WasNobodyElseAwayAsync(watcher);
        await IsRightAsync(await scene.WatchAsync(Nodes, [.. s_users, .. s_leavers]));
    }

    [Fact]
    public async Task Of_a_frozen_node_the_same_and_it_is_a_member_again_when_it_goes_on()
    {
        await using ClusterScene scene = await ClusterScene.StartAsync(Nodes);
        await Task.WhenAll(s_users.Select(user => scene.ConnectAsync(Lost, user)));
        RawClient[] leavers = await Task.WhenAll(s_leavers.Select(user => scene.ConnectAsync(Lost, user)));
        Watcher watcher = await scene.WatchAsync(0, [.. s_users, .. s_leavers]);
        long frozen = Stopwatch.GetTimestamp();
        scene[Lost].Pause();
        await Task.WhenAll(leavers.Select(static leaver => leaver.DisposeAsync().AsTask()));
        await ComeBackAsync(scene);
        await AreGoneAsync(watcher);
        Assert.True(Stopwatch.GetElapsedTime(frozen) >= Scene.Hold, "Who may have come back was called offline before its time.");
        await WasNobodyElseAwayAsync(watcher);
        await ClusterScene.HasMembersAsync(scene[0], Nodes - 1);
        int seen = watcher.All.Count;
        scene[Lost].Continue();
        await ClusterScene.HasMembersAsync(scene[Lost], Nodes);
        await ClusterScene.HasMembersAsync(scene[0], Nodes);
        await watcher.SyncAsync();
        await WasNobodyElseAwayAsync(watcher);
        // Whom it had held before is elsewhere or gone: it says nothing of them any more, once it has been told that it was taken for dead.
        await IsRightAsync(await scene.WatchAsync(Lost, [.. s_users, .. s_leavers]));
        Assert.Equal(0, await scene[Lost].StopAsync());
    }

    // To the nodes that are left, as a load balancer would have it; their heartbeats are sent for them. All at once: what each asks of a node that stands still is answered late, and one after the other the last would be.
    private static Task<Watcher[]> ComeBackAsync(ClusterScene scene) =>
        Task.WhenAll(s_users.Select(async user => await Watcher.StartAsync(await scene.ConnectAsync((int)(user % Lost), user), [user])));

    private static async Task AreGoneAsync(Watcher watcher)
    {
        foreach (ulong user in s_leavers)
        {
            await watcher.HasAsync(user, Status.Offline);
        }
    }

    private static async Task IsRightAsync(Watcher watcher)
    {
        await AreGoneAsync(watcher);
        foreach (ulong user in s_users)
        {
            await watcher.HasAsync(user, Status.Online);
        }
    }

    private static async Task WasNobodyElseAwayAsync(Watcher watcher)
    {
        await watcher.SyncAsync();
        Assert.DoesNotContain(watcher.All, static entry => entry.Status != Status.Online && s_users.Contains(entry.UserId));
    }
}
