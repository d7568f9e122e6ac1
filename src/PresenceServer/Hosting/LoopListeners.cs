using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Presence.Server.Configuration;
using Presence.Server.Diagnostics;
using Presence.Server.Transport;
using Presence.Server.Transport.Epoll;
using Presence.Server.Transport.WebSockets;

namespace Presence.Server.Hosting;

/// <summary>
/// The listeners whose clients loops of ours serve. A connection's handler begins where the connection was accepted, on the front loop: the framework, which
/// would hand each to the thread pool, list it and visit it every second, knows nothing of them.
/// </summary>
internal sealed class LoopListeners(
    PresenceConfiguration configuration,
    IServiceProvider services,
    FrontLoop front,
    ShardSet shards,
    StreamConnectionHandler streams,
    LeanWebSocketHandler webSockets,
    Lingering lingering,
    NodeCounters counters,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<LoopListeners> logger) : IHostedService
{
    // What is dropped has so long to end.
    private static readonly TimeSpan s_dropWithin = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One of them stands for the listeners, until they are closed.
    private int _open = 1;

    /// <summary>Where it is bound; null before, and when it is off.</summary>
    public EpollListener? Tcp { get; private set; }

    /// <inheritdoc cref="Tcp"/>
    public EpollListener? WebSocket { get; private set; }

    /// <exception cref="ListenerException">One cannot be bound.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        ListenConfiguration listen = configuration.Listen;
        // Asked for late: see there.
        ConnectionCap cap = services.GetRequiredService<ConnectionCaps>().Clients;
        int handshakeBytes = configuration.Limits.HandshakeBytes;
        Tcp = Bind(listen.Tcp, nameof(listen.Tcp), "presence", cap, At(cap, Carrier.Tcp, streams, first => StreamConnection.Decides(first, handshakeBytes)));
        WebSocket = Bind(listen.WebSocket, nameof(listen.WebSocket), "ws", cap, At(cap, Carrier.Websocket, webSockets, UpgradeRequest.Decides));
        // Not first when it is their turn to stop: the framework's listeners wait for their clients before.
        lifetime.ApplicationStopping.Register(() => _ = CloseAsync());
        return Task.CompletedTask;
    }

    /// <summary>Waits for the connections to end; drops those that are left when the time is over.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await CloseAsync();
        Leave();
        await _empty.Task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_empty.Task.IsCompleted)
        {
            DropAll();
            await _empty.Task.WaitAsync(s_dropWithin, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private EpollListener? Bind(ListenAddress address, string name, string scheme, ConnectionCap cap, Doorstep doorstep)
    {
        if (address.IsOff)
        {
            return null;
        }

        try
        {
            var listener = new EpollListener(address.EndPoint, configuration.Limits.AcceptBacklog, cap, doorstep, time, logger);
            listener.Open();
            return listener;
        }
        catch (SocketException e)
        {
            throw ListenerException.Of(name, scheme, address.EndPoint, e.SocketErrorCode, e);
        }
    }

    private Doorstep At(ConnectionCap cap, Carrier carrier, ConnectionHandler handler, Decides decides) => new(front.Loop, cap, lingering.Handshakes, configuration.Limits.OutboundBytes)
    {
        Decides = decides,
        Came = () =>
        {
            Interlocked.Increment(ref _open);
            counters.Connections.Open(carrier);
        },
        Went = () =>
        {
            counters.Connections.End(carrier);
            Leave();
        },
        Serve = connection => _ = ServeAsync(connection, handler),
    };

    private Task CloseAsync() => Task.WhenAll(new[] { Tcp, WebSocket }.OfType<EpollListener>().Select(static listener => listener.CloseAsync()));

    private async Task ServeAsync(EpollConnection connection, ConnectionHandler handler)
    {
        try
        {
            await handler.OnConnectedAsync(connection);
        }
        catch (Exception)
        {
            // The handler has said it.
        }
        finally
        {
            await connection.DisposeAsync();
            Leave();
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _open) == 0)
        {
            _empty.SetResult();
        }
    }

    private void DropAll()
    {
        front.Loop.DropAll();
        foreach (EpollLoop loop in shards.All.Select(static shard => shard.Rest).OfType<EpollLoop>())
        {
            loop.DropAll();
        }
    }
}
