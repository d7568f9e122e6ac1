using Presence.Server.Tests.Sessions;
using Xunit;

namespace Presence.Server.Tests.Transport.WebSockets;

/// <summary>A server on each transport, for all cases of a class; each case is a user of its own.</summary>
public sealed class LeanServers : IAsyncLifetime
{
    private readonly Dictionary<string, Scene> _scenes = [];
    private int _lastUser = 1;

    public async ValueTask InitializeAsync()
    {
        foreach (string transport in Transports.All.Select(static row => row.Data))
        {
            _scenes[transport] = await Transports.StartAsync(
                transport, shards: 2, "Presence:Session:HeartbeatInterval=00:05:00", "Presence:Session:HandshakeTimeout=00:00:01");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Scene scene in _scenes.Values)
        {
            // Whatever was thrown at it, the server serves.
            await (await scene.ConnectAsync(900_001)).RoundTripAsync();
            await scene.DisposeAsync();
        }
    }

    internal Scene On(string transport) => _scenes[transport];

    internal ulong NextUser() => (ulong)Interlocked.Increment(ref _lastUser);

    internal Task<WireClient> EnterAsync(string transport) => WireClient.EnterAsync(On(transport).Server, NextUser());
}
