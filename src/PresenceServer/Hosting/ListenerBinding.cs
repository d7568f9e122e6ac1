using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using Presence.Server.Configuration;
using Presence.Server.Transport.Epoll;

namespace Presence.Server.Hosting;

/// <summary>Binds every listener, by loops of ours or by the framework's sockets, and says of one that cannot be bound which setting names it.</summary>
internal sealed class ListenerBinding(
    PresenceConfiguration configuration, IServiceProvider services, IOptions<SocketTransportOptions> options, ILoggerFactory loggers) : IConnectionListenerFactory
{
    private readonly SocketTransportFactory _sockets = new(options, loggers);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        // Asked for late: only where loops of ours serve clients is there one.
        bool own = endpoint is EpollEndPoint;
        IConnectionListenerFactory factory = own ? services.GetRequiredService<EpollTransport>() : _sockets;
        ConnectionCap cap = services.GetRequiredService<ConnectionCaps>().Of(endpoint);
        try
        {
            IConnectionListener listener = await factory.BindAsync(endpoint, cancellationToken);
            // Ours counts at its accept.
            return own ? listener : new CappedListener(listener, cap);
        }
        catch (AddressInUseException e)
        {
            throw Failed(endpoint, SocketError.AddressAlreadyInUse, e);
        }
        catch (SocketException e)
        {
            throw Failed(endpoint, e.SocketErrorCode, e);
        }
    }

    private ListenerException Failed(EndPoint endpoint, SocketError error, Exception cause)
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
        (string name, _, string scheme) = Array.Find(all, listener => IsAt(listener.Address, (IPEndPoint)endpoint));
        return new ListenerException($"{PresenceConfiguration.Section}:{nameof(PresenceConfiguration.Listen)}:{name}", $"{scheme}://{endpoint}", error, cause);
    }

    // Where every interface is meant and there is no IPv6, the framework binds those of IPv4.
    private static bool IsAt(ListenAddress listener, IPEndPoint endpoint) => !listener.IsOff
        && listener.Port == endpoint.Port
        && (listener.Address?.Equals(endpoint.Address) ?? (endpoint.Address.Equals(IPAddress.IPv6Any) || endpoint.Address.Equals(IPAddress.Any)));
}
