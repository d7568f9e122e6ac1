using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Presence.Protocol;
using Presence.Server.Configuration;
using Presence.Server.Security;
using Presence.Server.Transport;
using Presence.Server.Transport.Epoll;
using Presence.Server.Transport.WebSockets;

namespace Presence.Server.Hosting;

/// <summary>Binds what <c>Presence:Listen</c> names, with the limits that keep a public port safe.</summary>
internal static class Listeners
{
    // Out of the descriptors held in reserve: operators get in when clients have filled their share.
    private const int AdminConnections = 32;

    public static void AddListeners(this WebApplicationBuilder builder, PresenceConfiguration configuration)
    {
        builder.Services.Configure<SocketTransportOptions>(options =>
        {
            options.Backlog = configuration.Limits.AcceptBacklog;
            options.MaxWriteBufferSize = configuration.Limits.OutboundBytes;
            options.MaxReadBufferSize = configuration.Limits.MaxFrameBytes + LengthPrefix.MaxBytes;
            // Reads run on the poll thread and sends on the shard's: nothing of ours blocks there, and a thread-pool hop a frame costs more than the frame.
            options.UnsafePreferInlineScheduling = true;
        });
        if (configuration.Transport == TransportKind.Epoll)
        {
            builder.Services.AddSingleton<FrontLoop>();
            builder.Services.AddSingleton<EpollTransport>();
        }

        builder.Services.AddSingleton<IConnectionListenerFactory, ListenerBinding>();

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // At the descriptor limit accept fails in a loop and the process dies; below it the next client is refused and nobody else notices.
            var clients = new ConnectionCap(configuration.Limits.Connections);
            var operators = new ConnectionCap(AdminConnections);
            kestrel.Limits.MaxRequestBodySize = configuration.Limits.HttpBodyBytes;
            kestrel.Limits.RequestHeadersTimeout = configuration.Session.HandshakeTimeout;
            bool own = configuration.Transport == TransportKind.Epoll;
            Bind(kestrel, configuration.Listen.Tcp, clients, static listener => listener.UseConnectionHandler<StreamConnectionHandler>(), own);
            Bind(kestrel, configuration.Listen.Tls, clients, listener => UseTls(listener, configuration));
            Bind(kestrel, configuration.Listen.WebSocket, clients, static listener => listener.UseConnectionHandler<LeanWebSocketHandler>(), own);
            Bind(kestrel, configuration.Listen.Http, clients, static listener => listener.Protocols = HttpProtocols.Http1);
            Bind(kestrel, configuration.Listen.Admin, operators, static listener =>
            {
                listener.Protocols = HttpProtocols.Http1;
                listener.TagAsAdmin();
            });
        });
    }

    /// <param name="own">Served by loops of ours.</param>
    private static void Bind(
        KestrelServerOptions kestrel, ListenAddress address, ConnectionCap cap, Action<ListenOptions> configure, bool own = false)
    {
        if (address.IsOff)
        {
            return;
        }

        void Guarded(ListenOptions listener)
        {
            // First, so that a TLS handshake is not begun for who is refused.
            cap.Guard(listener);
            configure(listener);
        }

        if (own)
        {
            kestrel.Listen(new EpollEndPoint(address.EndPoint.Address, address.Port), Guarded);
        }
        else if (address.Address is null)
        {
            kestrel.ListenAnyIP(address.Port, Guarded);
        }
        else
        {
            kestrel.Listen(address.EndPoint, Guarded);
        }
    }

    private static void UseTls(ListenOptions listener, PresenceConfiguration configuration)
    {
        TimeProvider time = listener.ApplicationServices.GetRequiredService<TimeProvider>();
        listener.UseHttps(https =>
        {
            https.ServerCertificate = ListenerCertificate.Load(configuration.Listen.Certificate, configuration.DataDirectory, time.GetUtcNow());
            https.HandshakeTimeout = configuration.Session.HandshakeTimeout;
            // Kestrel would offer h2 and http/1.1, and refuse a client that asks for this protocol.
            https.OnAuthenticate = static (_, tls) => tls.ApplicationProtocols = [new SslApplicationProtocol(ProtocolLimits.Subprotocol)];
        });
        listener.UseConnectionHandler<StreamConnectionHandler>();
    }
}
