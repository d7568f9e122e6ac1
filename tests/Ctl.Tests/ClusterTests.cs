using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Presence.TestKit;
using Presence.V1;

namespace Presence.Ctl.Tests;

/// <summary>Of a cluster: whichever node is asked, the one answers that can.</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private const ulong User = 7;
    private const string First = "node-1";
    private const string Second = "node-2";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("presence-cluster-");
    private readonly List<ServerProcess> _nodes = [];
    private RedisProcess _redis = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisProcess.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "signing-key"), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        _nodes.AddRange(await Task.WhenAll(StartAsync(First), StartAsync(Second)));
        foreach (ServerProcess node in _nodes)
        {
            while (!(await node.HasAsync("cluster", "ok")).StartsWith("2 members", StringComparison.Ordinal))
            {
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ServerProcess node in _nodes)
        {
            await node.DisposeAsync();
        }

        await _redis.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_question_finds_its_node_and_a_command_all_of_them()
    {
        await ShowNodesAsync();
        await using RawClient client = await ConnectAsync(_nodes[1]);
        await FindUserAsync(client.Welcome!.SessionId);
        await NameNodeAsync();
        await RevokeAsync(client);
        await DrainAsync();
    }

    private async Task ShowNodesAsync()
    {
        foreach (ServerProcess node in _nodes)
        {
            JsonElement[] nodes = [.. (await RunAsync(node, "nodes", "--json")).Json().GetProperty("nodes").EnumerateArray()];
            Assert.Equal([First, Second], nodes.Select(static one => one.GetProperty("node_id").GetString()));
            Assert.All(nodes, static one => Assert.True(one.GetProperty("is_active").GetBoolean()));
            Assert.All(nodes, static one => Assert.Equal("", one.GetProperty("problem").GetString()));
            Assert.All(nodes, static one => Assert.InRange(long.Parse(one.GetProperty("rss_bytes").GetString()!, CultureInfo.InvariantCulture), 1L << 20, 1L << 40));
        }

        JsonElement ring = (await RunAsync(_nodes[0], "ring", "--json")).Json();
        Assert.Equal([First, Second], ring.GetProperty("members").EnumerateArray().Select(static member => member.GetProperty("node_id").GetString()));
        Assert.Equal(ring.GetProperty("slices").GetInt32(), ring.GetProperty("members").EnumerateArray().Sum(static member => member.GetProperty("slices").GetInt32()));
        Assert.Matches(@"node-2\s+active", (await RunAsync(_nodes[0], "nodes")).Output);
        Assert.Matches(@"of an even share", (await RunAsync(_nodes[0], "ring")).Output);
        Assert.Equal(2, (await RunAsync(_nodes[0], "top", "--rounds", "2", "--json")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    private async Task FindUserAsync(ulong session)
    {
        string[] found = [.. (await Task.WhenAll(_nodes.Select(node => RunAsync(node, "user", $"{User}", "--json")))).Select(static result => result.Json().GetProperty("visible").ToString())];
        Assert.Equal(found[0], found[1]);
        Assert.Contains("ONLINE", found[0], StringComparison.Ordinal);
        string[] homes = [.. (await Task.WhenAll(_nodes.Select(node => RunAsync(node, "explain", $"{User}", "--json")))).Select(static result => result.Json().GetProperty("node").GetString()!)];
        Assert.Equal(homes[0], homes[1]);
        foreach (ServerProcess node in _nodes)
        {
            Assert.Equal($"{User}", (await RunAsync(node, "session", $"{session}", "--json")).Json().GetProperty("user_id").GetString());
        }
    }

    private async Task NameNodeAsync()
    {
        JsonElement second = (await RunAsync(_nodes[0], "node", "--node", Second, "--json")).Json();
        Assert.Equal(_nodes[1].Id, second.GetProperty("process_id").GetInt32());
        JsonElement[] shards = [.. (await RunAsync(_nodes[0], "shards", "--node", Second, "--json")).Json().GetProperty("shards").EnumerateArray()];
        Assert.Equal(1, shards.Sum(static shard => shard.GetProperty("connections").GetInt32()));
        CtlResult nobody = await RunAsync(_nodes[0], "shards", "--node", "nobody");
        Assert.NotEqual(0, nobody.ExitCode);
        Assert.Contains("There is no node 'nobody'", nobody.Error, StringComparison.Ordinal);
    }

    // Asked of the one node, it ends what is on the other; and one that comes later knows of it.
    private async Task RevokeAsync(RawClient client)
    {
        Assert.Equal(0, (await RunAsync(_nodes[0], "revoke", "--user", $"{User}")).ExitCode);
        Assert.Equal(CloseCode.Revoked, (await client.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
        _nodes.Add(await StartAsync("node-3"));
        foreach (ServerProcess node in _nodes)
        {
            await using RawClient late = await RawClient.ConnectAsync(node.Tcp);
            Assert.Equal(ServerFrame.FrameOneofCase.Error, (await late.TryHelloAsync(TestTokens.For(_folder.FullName, User))).FrameCase);
        }
    }

    private async Task DrainAsync()
    {
        CtlResult drained = await RunAsync(_nodes[0], "drain", Second);
        Assert.Equal((0, ""), (drained.ExitCode, drained.Error));
        Assert.Contains("The node stops.", drained.Output, StringComparison.Ordinal);
        Assert.Equal(0, await _nodes[1].ExitAsync());
    }

    private Task<ServerProcess> StartAsync(string name) => ServerProcess.StartAsync(
        [
            "Presence:Shards=2",
            $"Presence:Cluster:Redis={_redis.Address}",
            $"Presence:Cluster:NodeId={name}",
            $"Presence:Cluster:PeerAddress={LoopbackPorts.Free()}",
            $"Presence:Auth:SigningKeyFile={Path.Combine(_folder.FullName, "signing-key")}",
        ]);

    private async Task<RawClient> ConnectAsync(ServerProcess node)
    {
        RawClient client = await RawClient.ConnectAsync(node.Tcp);
        await client.HelloAsync(TestTokens.For(_folder.FullName, User));
        return client;
    }

    private static Task<CtlResult> RunAsync(ServerProcess node, params string[] arguments) =>
        CtlProcess.RunAsync([.. arguments, "--admin", node.Admin.ToString(), "--data-directory", node.DataDirectory]);
}
