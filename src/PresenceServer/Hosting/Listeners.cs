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

        builder.Services.AddSingleton<ConnectionCaps>();
        builder.Services.AddSingleton<IConnectionListenerFactory, ListenerBinding>();

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = configuration.Limits.HttpBodyBytes;
            kestrel.Limits.RequestHeadersTimeout = configuration.Session.HandshakeTimeout;
            bool own = configuration.Transport == TransportKind.Epoll;
            Bind(kestrel, configuration.Listen.Tcp, static listener => listener.UseConnectionHandler<StreamConnectionHandler>(), own);
            Bind(kestrel, configuration.Listen.Tls, listener => UseTls(listener, configuration));
            Bind(kestrel, configuration.Listen.WebSocket, static listener => listener.UseConnectionHandler<LeanWebSocketHandler>(), own);
            Bind(kestrel, configuration.Listen.Http, static listener => listener.Protocols = HttpProtocols.Http1);
            BindAdmin(kestrel, configuration.Listen.Admin);
        });
    }

    /// <param name="own">Served by loops of ours.</param>
    private static void Bind(KestrelServerOptions kestrel, ListenAddress address, Action<ListenOptions> configure, bool own = false)
    {
        if (address.IsOff)
        {
            return;
        }

        if (own)
        {
            kestrel.Listen(new EpollEndPoint(address.EndPoint.Address, address.Port), configure);
        }
        else if (address.Address is null)
        {
            kestrel.ListenAnyIP(address.Port, configure);
        }
        else
        {
            kestrel.Listen(address.EndPoint, configure);
        }
    }

    private static void BindAdmin(KestrelServerOptions kestrel, ListenAddress address)
    {
        if (!address.IsOff)
        {
            kestrel.Listen(new AdminEndPoint(address), static listener =>
            {
                listener.Protocols = HttpProtocols.Http1;
                listener.TagAsAdmin();
            });
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
