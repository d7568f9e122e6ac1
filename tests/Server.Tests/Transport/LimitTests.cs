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

    // Only our own: the framework's accept loop ends the process where descriptors end, which is what the cap is for.
    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Without_descriptors_clients_are_turned_away_and_the_rest_is_served(string door)
    {
        const int Descriptors = 320;
        await using ServerProcess server = await ServerProcess.StartAsync(
            [.. Scene.Settings(2), "Presence:Transport=epoll", "Presence:Limits:DescriptorReserve=64"], descriptors: Descriptors);
        await using RawClient live = await Transports.ConnectAsync(server, door);
        await live.HelloAsync(TestTokens.For(server, 2));
        List<Socket> crowd = [];
        while (server.Descriptors < Descriptors - 1)
        {
            var one = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await one.ConnectAsync(door == "lean" ? server.WebSocket : server.Tcp);
            crowd.Add(one);
        }

        Assert.False(await IsServedAsync(server, door));
        await live.RoundTripAsync();
        crowd.ForEach(static one => one.Dispose());
        await ServedAsync(server, door);
        await live.RoundTripAsync();
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
