using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Presence.Server.Tests.Metrics;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Cluster;

/// <summary>Members hand each other their changes by streams; who was not offered one is not heard on it.</summary>
[Collection(ClusterScene.Collection)]
public sealed class PeerStreamTests
{
    private const ulong User = 7;

    [Fact]
    public async Task Members_open_streams_to_each_other_and_a_stranger_opens_none()
    {
        await using ClusterScene scene = await ClusterScene.StartAsync(2);
        IPEndPoint port = LoopbackPorts.Free();
        scene.Nodes.Add(await scene.StartNodeAsync(ClusterScene.Name(3), [Setting(port)]));
        foreach (ServerProcess node in scene.Nodes)
        {
            await Scrape.WaitAsync(node, static scrape => scrape.Sum("presence_peer_streams") == 2);
        }

        Assert.True(await IsClosedAsync(port, []), "Who says nothing is kept.");
        Assert.True(await IsClosedAsync(port, [.. RandomNumberGenerator.GetBytes(16), 0xFF, 0xFF]), "A name of any length is believed.");
        Assert.True(await IsClosedAsync(port, Greeting("127.0.0.1:1@1")), "Any key is good.");
        Assert.True(await IsClosedAsync(port, Greeting("nobody")), "Any name is good.");

        Watcher watcher = await scene.WatchAsync(0, User);
        await using RawClient client = await scene.ConnectAsync(2, User);
        await watcher.HasAsync(User, Status.Online);
        Assert.Equal(0, (await Scrape.OfAsync(scene[2], TestContext.Current.CancellationToken)).Sum("presence_peer_unreadable_total"));
    }

    [Fact]
    public async Task What_is_no_port_to_listen_on_is_said_at_the_start()
    {
        await using RedisProcess redis = await RedisProcess.StartAsync();
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var port = (IPEndPoint)taken.LocalEndPoint!;
        await using ServerProcess node = await ServerProcess.BeginAsync(
            [
                .. Scene.Settings(shards: 1),
                $"Presence:Cluster:Redis={redis.Address}",
                $"Presence:Cluster:PeerAddress={LoopbackPorts.Free()}",
                "Presence:Auth:JwksUrl=https://127.0.0.1:1/keys",
                Setting(port),
            ],
            until: "Presence:Cluster:StreamPort");
        Assert.NotEqual(0, await node.ExitAsync());
    }

    private static string Setting(IPEndPoint port) => string.Create(CultureInfo.InvariantCulture, $"Presence:Cluster:StreamPort={port.Port}");

    private static byte[] Greeting(string silo) => [.. RandomNumberGenerator.GetBytes(16), (byte)silo.Length, 0, .. Encoding.ASCII.GetBytes(silo)];

    private static async Task<bool> IsClosedAsync(IPEndPoint port, byte[] said)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(port);
        await socket.SendAsync(said);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            return await socket.ReceiveAsync(new byte[1], patience.Token) == 0;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return true;
        }
    }
}
