using System.Diagnostics;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Cluster;

/// <summary>All nodes are restarted, one behind the other: nobody who obeys its slot is seen to go, and nobody loses what was said.</summary>
[Collection(ClusterScene.Collection)]
public sealed class RollingRestartTests
{
    private const int Nodes = 3;
    private const int Users = 45;

    // By request, since it takes long (CONTRIBUTING.md).
    [Fact(Explicit = true)]
    public async Task Nobody_who_comes_back_in_its_slot_is_seen_to_go()
    {
        await using ClusterScene scene = await ClusterScene.StartAsync(Nodes);
        ulong[] users = [.. Enumerable.Range(1, Users).Select(static user => (ulong)user)];
        var comers = new List<Comer>();
        foreach (ulong user in users)
        {
            comers.Add(await Comer.StartAsync(scene, (int)(user % Nodes), user));
        }

        // Watches on a node that stays longest, and then on the one that was restarted first.
        Watcher watcher = await scene.WatchAsync(Nodes - 1, users);
        for (int node = 0; node < Nodes; node++)
        {
            Assert.Equal(0, await scene[node].StopAsync());
            if (node == Nodes - 2)
            {
                Assert.DoesNotContain(watcher.All, static entry => entry.Status != Status.Online);
                watcher = await scene.WatchAsync(0, users);
            }

            scene.Nodes[node] = await scene[node].AgainAsync();
            foreach (ServerProcess each in scene.Nodes)
            {
                await ClusterScene.HasMembersAsync(each, Nodes);
            }
        }

        await Task.WhenAll(comers.Select(static comer => comer.StopAsync()));
        await watcher.SyncAsync();
        Assert.DoesNotContain(watcher.All, static entry => entry.Status != Status.Online);
        Assert.All(comers.Where(static comer => comer.Moves == 0), static _ => Assert.Fail("Somebody was not told to leave."));
    }

    /// <summary>A client that obeys: told to leave it leaves, and comes at its slot to another node.</summary>
    private sealed class Comer(ClusterScene scene, int node, ulong user)
    {
        private readonly CancellationTokenSource _stopping = new();
        private RawClient? _client;
        private Task _living = Task.CompletedTask;
        private int _node = node;

        public int Moves { get; private set; }

        public static async Task<Comer> StartAsync(ClusterScene scene, int node, ulong user)
        {
            var comer = new Comer(scene, node, user);
            comer._client = await scene.ConnectAsync(node, user);
            comer._living = comer.LiveAsync();
            return comer;
        }

        public async Task StopAsync()
        {
            await _stopping.CancelAsync();
            await _living;
        }

        private async Task LiveAsync()
        {
            Task<ServerFrame?> next = _client!.TryReceiveAsync(CancellationToken.None);
            while (!_stopping.IsCancellationRequested)
            {
                Task beat = Task.Delay(Scene.Interval / 2, CancellationToken.None);
                if (await Task.WhenAny(next, beat) == beat)
                {
                    await _client.HeartbeatAsync();
                    continue;
                }

                ServerFrame? frame = await next;
                if (frame is null or { FrameCase: ServerFrame.FrameOneofCase.GoAway })
                {
                    await MoveAsync(frame?.GoAway.ReconnectAfterMs ?? 0);
                }

                next = _client.TryReceiveAsync(CancellationToken.None);
            }
        }

        private async Task MoveAsync(uint slotMs)
        {
            long told = Stopwatch.GetTimestamp();
            await _client!.DisposeAsync();
            double leftMs = slotMs - Stopwatch.GetElapsedTime(told).TotalMilliseconds;
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(0, leftMs)), CancellationToken.None);
            _node = (_node + 1) % Nodes;
            _client = await scene.ConnectAsync(_node, user);
            Moves++;
        }
    }
}
