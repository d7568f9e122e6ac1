using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;

namespace Presence.Server.Tests.Cluster;

/// <summary>Some nodes of one cluster with short times, each a process, with a Redis of their own; and people on them.</summary>
internal sealed class ClusterScene : IAsyncDisposable
{
    /// <summary>Of tests: one cluster at a time is enough for the machine.</summary>
    public const string Collection = "cluster";

    private readonly ConcurrentBag<RawClient> _clients = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("presence-cluster-");

    private ClusterScene(RedisProcess redis) => Redis = redis;

    /// <summary>d + 4δ.</summary>
    public static TimeSpan EdgeHold => Scene.Interval + (4 * Scene.Tolerance);

    public RedisProcess Redis { get; }

    public List<ServerProcess> Nodes { get; } = [];

    public ServerProcess this[int node] => Nodes[node];

    public static async Task<ClusterScene> StartAsync(int nodes, params string[] settings)
    {
        var scene = new ClusterScene(await RedisProcess.StartAsync("--appendonly", "yes"));
        await scene.Redis.FoundClusterAsync();
        string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        await File.WriteAllTextAsync(Path.Combine(scene._folder.FullName, "signing-key"), key);
        scene.Nodes.AddRange(await Task.WhenAll(Enumerable.Range(1, nodes).Select(node => scene.StartNodeAsync(Name(node), settings))));
        // Each has learned of all others.
        foreach (ServerProcess node in scene.Nodes)
        {
            await HasMembersAsync(node, nodes);
        }

        return scene;
    }

    public static string Name(int node) => string.Create(CultureInfo.InvariantCulture, $"node-{node}");

    /// <summary>Starts a node, which is to be kept or disposed of by the caller.</summary>
    public async Task<ServerProcess> StartNodeAsync(string name, IEnumerable<string>? settings = null, string? dataDirectory = null) =>
        await ServerProcess.StartAsync([.. SettingsOf(name, LoopbackPorts.Free()), .. settings ?? []], dataDirectory);

    public IEnumerable<string> SettingsOf(string name, IPEndPoint peer) =>
    [
        .. Scene.Settings(shards: 1),
        $"Presence:Cluster:Redis={Redis.Address}",
        $"Presence:Cluster:NodeId={name}",
        $"Presence:Cluster:PeerAddress={peer}",
        $"Presence:Auth:SigningKeyFile={Path.Combine(_folder.FullName, "signing-key")}",
    ];

    public string TokenOf(ulong user, string? scope = null) => TestTokens.For(_folder.FullName, user, scope: scope);

    /// <summary>A connected and greeted client on TCP.</summary>
    public async Task<RawClient> ConnectAsync(int node, ulong user, string device = "phone", Action<Hello>? change = null)
    {
        RawClient client = await RawClient.ConnectAsync(Nodes[node].Tcp);
        _clients.Add(client);
        await client.HelloAsync(TokenOf(user), device, change);
        return client;
    }

    /// <summary>A client of a node that watches and is no device of anybody; its heartbeats are sent for it.</summary>
    public async Task<Watcher> WatchAsync(int node, params ulong[] users) =>
        await Watcher.StartAsync(await ConnectAsync(node, 900_000 + (ulong)node, $"observer-{Guid.NewGuid()}", Scene.Observe), users);

    /// <summary>Waits until a node follows a ring of so many members, and knows all of its users.</summary>
    public static async Task HasMembersAsync(ServerProcess node, int members)
    {
        string wanted = string.Create(CultureInfo.InvariantCulture, $"{members} members");
        await Scene.UntilAsync(async () => (await node.HasAsync("cluster", "ok")).StartsWith(wanted, StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RawClient client in _clients)
        {
            await client.DisposeAsync();
        }

        foreach (ServerProcess node in Nodes)
        {
            await node.DisposeAsync();
        }

        await Redis.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
