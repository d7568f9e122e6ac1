using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Xunit;

namespace Presence.Server.Tests.Transport;

/// <summary>What serves the sockets of clients: one suite for all of it.</summary>
internal static class Transports
{
    public static readonly TheoryData<string> All = ["epoll", "sockets"];

    public static Task<Scene> StartAsync(string transport, int shards = 2, params string[] settings) =>
        Scene.StartAsync(shards, [$"Presence:Transport={transport}", .. settings]);

    /// <summary>The ways in; "lean" is the listener for WebSocket alone.</summary>
    public static readonly TheoryData<string> Doors = ["tcp", "tls", "websocket", "lean"];

    /// <summary>A client that has said nothing yet. For "tls" the scene has a TLS listener.</summary>
    public static Task<RawClient> ConnectAsync(Scene scene, string door) => ConnectAsync(scene.Server, door);

    /// <inheritdoc cref="ConnectAsync(Scene, string)"/>
    public static Task<RawClient> ConnectAsync(ServerProcess server, string door) => door switch
    {
        "tls" => RawClient.ConnectTlsAsync(server.Tls),
        "websocket" => RawClient.ConnectWebSocketAsync(server.Http),
        "lean" => RawClient.ConnectWebSocketAsync(server.WebSocket),
        _ => RawClient.ConnectAsync(server.Tcp),
    };

    /// <summary>Waits until so few descriptors are open again.</summary>
    public static async Task ReleasedAsync(ServerProcess server, int descriptors)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (server.Descriptors > descriptors)
        {
            Assert.False(patience.IsCancellationRequested, $"{server.Descriptors} descriptors are open, {descriptors} were before.");
            await Task.Yield();
        }
    }
}
