using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Cluster;

/// <summary>Three nodes are one server: whoever is where.</summary>
[Collection(ClusterScene.Collection)]
public sealed class FanoutTests
{
    private const int Nodes = 3;
    private const int Users = 30;

    [Fact]
    public async Task Whoever_watches_on_any_node_is_told_of_everybody_on_any_other()
    {
        await using ClusterScene scene = await ClusterScene.StartAsync(Nodes, "Presence:Shards=2");
        ulong[] users = [.. Enumerable.Range(1, Users).Select(static user => (ulong)user)];
        Watcher[] watchers = await Task.WhenAll(Enumerable.Range(0, Nodes).Select(node => scene.WatchAsync(node, users)));
        RawClient[] clients = await Task.WhenAll(users.Select(user => scene.ConnectAsync((int)(user % Nodes), user)));
        foreach (Watcher watcher in watchers)
        {
            await HaveAsync(watcher, users, Status.Online);
        }

        Ack[] acks = await Task.WhenAll(clients.Select(static client => client.SetStatusAsync(7, Status.Busy, "in a call")));
        Assert.All(acks, static ack => Assert.NotEqual(0UL, ack.Version));
        foreach (Watcher watcher in watchers)
        {
            await HaveAsync(watcher, users, Status.Busy);
            Assert.All(users, user => Assert.Equal("in a call", watcher.Latest(user).StatusText));
            Assert.All(users, user => Assert.Equal(acks[(int)user - 1].Version, watcher.Latest(user).Version));
        }

        await Task.WhenAll(clients.Select(static client => client.SendAsync(new ClientFrame { Goodbye = new Goodbye() })));
        foreach (Watcher watcher in watchers)
        {
            await HaveAsync(watcher, users, Status.Offline);
            Assert.All(users, user => Assert.True(watcher.Latest(user).HasLastActiveMs));
        }
    }

    // By request, since it takes long (CONTRIBUTING.md).
    [Fact(Explicit = true)]
    public async Task A_question_is_answered_alike_by_every_node()
    {
        await using ClusterScene scene = await ClusterScene.StartAsync(Nodes, "Presence:Shards=2");
        ulong[] users = [.. Enumerable.Range(1, Users).Select(static user => (ulong)user)];
        await Task.WhenAll(users.Where(static user => user % 2 == 0).Select(user => scene.ConnectAsync((int)(user % Nodes), user)));
        RawClient[] askers = await Task.WhenAll(Enumerable.Range(0, Nodes).Select(node => scene.ConnectAsync(node, 800_000, $"asker-{node}", Scene.Observe)));
        PresenceBatch[] answers = [];
        await Scene.UntilAsync(async () =>
        {
            answers = await Task.WhenAll(askers.Select(asker => asker.QueryAsync(1, users)));
            Assert.All(answers, answer => Assert.Equal(users, answer.Entries.Select(static entry => entry.UserId).Order()));
            // A home that a busy machine keeps from answering in time is one that is not known.
            return !answers.SelectMany(static answer => answer.Entries).Any(static entry => entry.Status == Status.Unknown);
        });
        foreach (ulong user in users)
        {
            PresenceEntry[] said = [.. answers.Select(answer => answer.Entries.Single(entry => entry.UserId == user))];
            Assert.Equal(user % 2 == 0 ? Status.Online : Status.Offline, said[0].Status);
            Assert.All(said, entry => Assert.Equal(said[0], entry));
        }
    }

    private static async Task HaveAsync(Watcher watcher, ulong[] users, Status status)
    {
        foreach (ulong user in users)
        {
            await watcher.HasAsync(user, status);
        }
    }
}
