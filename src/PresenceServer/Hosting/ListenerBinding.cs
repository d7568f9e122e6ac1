using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using Presence.Server.Configuration;

namespace Presence.Server.Hosting;

/// <summary>Binds the listeners that are the framework's, and says of one that cannot be bound which setting names it.</summary>
internal sealed class ListenerBinding(
    PresenceConfiguration configuration, IServiceProvider services, IOptions<SocketTransportOptions> options, ILoggerFactory loggers) : IConnectionListenerFactory
{
    private readonly SocketTransportFactory _sockets = new(options, loggers);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        // Asked for late: see there.
        ConnectionCap cap = services.GetRequiredService<ConnectionCaps>().Of(endpoint);
        try
        {
            return new CappedListener(await _sockets.BindAsync(endpoint, cancellationToken), cap);
        }
        catch (AddressInUseException e)
        {
            throw Failed((IPEndPoint)endpoint, SocketError.AddressAlreadyInUse, e);
        }
        catch (SocketException e)
        {
            throw Failed((IPEndPoint)endpoint, e.SocketErrorCode, e);
        }
    }

    private ListenerException Failed(IPEndPoint endpoint, SocketError error, Exception cause)
    {
        ListenConfiguration listen = configuration.Listen;
        (string Name, ListenAddress Address, string Scheme)[] all =
        [
            (nameof(listen.Tcp), listen.Tcp, "presence"),
            (nameof(listen.Tls), listen.Tls, "presences"),
            (nameof(listen.WebSocket), listen.WebSocket, "ws"),
            (nameof(listen.Http), listen.Http, "http"),
            (nameof(listen.Admin), listen.Admin, "http"),
        ];
        (string name, _, string scheme) = Array.Find(all, listener => IsAt(listener.Address, endpoint));
        return ListenerException.Of(name, scheme, endpoint, error, cause);
    }

    // Where every interface is meant and there is no IPv6, the framework binds those of IPv4.
    private static bool IsAt(ListenAddress listener, IPEndPoint endpoint) => !listener.IsOff
        && listener.Port == endpoint.Port
        && (listener.Address?.Equals(endpoint.Address) ?? (endpoint.Address.Equals(IPAddress.IPv6Any) || endpoint.Address.Equals(IPAddress.Any)));
}
