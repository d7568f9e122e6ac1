using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Xunit;

namespace Presence.Server.Tests.Transport;

/// <summary>At the limits of connections and descriptors: who is in stays, who comes is refused, and there is room again.</summary>
public class LimitTests
{
    private static readonly string[] s_doors = ["tcp", "lean"];

    public static TheoryData<string> Doors => [.. s_doors];

    public static MatrixTheoryData<string, string> Reserves => new(
        Transports.All.Select(static row => row.Data), ["Presence:Limits:DescriptorReserve=64", "Presence:Limits:DescriptorReserve=384"]);

    public static MatrixTheoryData<string, string> All => new(Transports.All.Select(static row => row.Data), s_doors);

    [Theory]
    [MemberData(nameof(All))]
    public async Task Past_the_cap_the_next_client_is_refused_until_one_leaves(string transport, string door)
    {
        // Two clients, and the server's own canary.
        await using Scene scene = await Transports.StartAsync(transport, shards: 2, "Presence:Limits:Connections=3");
        RawClient first = await scene.ConnectAsync(2);
        RawClient second = await scene.ConnectAsync(3);
        Assert.False(await IsServedAsync(scene.Server, door));
        await first.RoundTripAsync();
        await second.RoundTripAsync();
        await first.DisposeAsync();
        await ServedAsync(scene.Server, door);
        await second.RoundTripAsync();
    }

    // The reserve of 64 is less than the runtime itself has open: the process knows and takes fewer clients.
    [Theory]
    [MemberData(nameof(Reserves))]
    public async Task Waves_of_clients_never_take_the_last_descriptor(string transport, string reserve)
    {
        const int Descriptors = 700;
        await using ServerProcess server = await ServerProcess.StartAsync(
            [.. Scene.Settings(2), $"Presence:Transport={transport}", reserve], descriptors: Descriptors);
        await using RawClient live = await RawClient.ConnectAsync(server.Tcp);
        await live.HelloAsync(TestTokens.For(server, 2));
        for (int wave = 0; wave < 12; wave++)
        {
            List<Socket> crowd = await CrowdAsync(wave % 3 == 2 ? server.Http : server.Tcp, size: 1_000);
            await live.RoundTripAsync();
            Assert.InRange(server.Descriptors, 1, Descriptors - 1);
            crowd.ForEach(static one => one.Dispose());
        }

        await ServedAsync(server, "tcp");
        Assert.DoesNotContain("No descriptor is left", server.Output, StringComparison.Ordinal);
        Assert.Contains("clients are turned away", server.Output, StringComparison.Ordinal);
        await live.DisposeAsync();
        Assert.Equal(0, await server.StopAsync());
    }

    // Descriptors can still end by what the server does not count. Only our own: the framework's accept loop ends the process there.
    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Without_descriptors_clients_are_turned_away_and_the_rest_is_served(string door)
    {
        await using ServerProcess server = await ServerProcess.StartAsync([.. Scene.Settings(2), "Presence:Transport=epoll"]);
        await using RawClient live = await Transports.ConnectAsync(server, door);
        await live.HelloAsync(TestTokens.For(server, 2));
        int limit = server.Descriptors + 60;
        long before = server.LimitDescriptors(limit);
        List<Socket> crowd = [];
        while (server.Descriptors < limit - 1)
        {
            crowd.AddRange(await CrowdAsync(door == "lean" ? server.WebSocket : server.Tcp, size: 1));
        }

        Assert.False(await IsServedAsync(server, door));
        await live.RoundTripAsync();
        crowd.ForEach(static one => one.Dispose());
        await ServedAsync(server, door);
        await live.RoundTripAsync();
        server.LimitDescriptors(before);
    }

    // Who is refused while connecting is one of the crowd all the same.
    private static async Task<List<Socket>> CrowdAsync(IPEndPoint address, int size)
    {
        List<Socket> crowd = [.. Enumerable.Range(0, size).Select(static _ => new Socket(SocketType.Stream, ProtocolType.Tcp))];
        await Task.WhenAll(crowd.Select(async one =>
        {
            try
            {
                await one.ConnectAsync(address);
            }
            catch (SocketException)
            {
            }
        }));
        return crowd;
    }

    private static async Task ServedAsync(ServerProcess server, string door)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await IsServedAsync(server, door))
        {
            Assert.False(patience.IsCancellationRequested, "There is room, and nobody is let in.");
        }
    }

    private static async Task<bool> IsServedAsync(ServerProcess server, string door)
    {
        try
        {
            await using RawClient client = await Transports.ConnectAsync(server, door);
            await client.HelloAsync(TestTokens.For(server, 4));
            return true;
        }
        catch (Exception e) when (e is IOException or SocketException or WebSocketException or InvalidOperationException)
        {
            return false;
        }
    }
}
