using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Presence.Protocol;
using Presence.Server.Configuration;
using Presence.Server.Diagnostics;
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
        builder.Services.AddSingleton<ConnectionCaps>();
        builder.Services.AddSingleton<IConnectionListenerFactory, ListenerBinding>();
        ListenConfiguration listen = configuration.Listen;
        bool own = configuration.Transport == TransportKind.Epoll;
        if (own)
        {
            builder.Services
                .AddSingleton<FrontLoop>()
                .AddSingleton<LoopListeners>()
                .AddHostedService(static services => services.GetRequiredService<LoopListeners>());
        }

        if (own && listen is { Tls.IsOff: true, Http.IsOff: true, Admin.IsOff: true })
        {
            // Kestrel without a listener would choose one.
            builder.Services.AddSingleton<IServer, NoServer>();
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = configuration.Limits.HttpBodyBytes;
            kestrel.Limits.RequestHeadersTimeout = configuration.Session.HandshakeTimeout;
            if (!own)
            {
                Bind(kestrel, listen.Tcp, static listener => listener.UseConnectionHandler<StreamConnectionHandler>());
                Bind(kestrel, listen.WebSocket, static listener => listener.UseConnectionHandler<LeanWebSocketHandler>());
            }

            Bind(kestrel, listen.Tls, listener => UseTls(listener, configuration));
            Bind(kestrel, listen.Http, UseHttp);
            BindAdmin(kestrel, configuration);
        });
    }

    private static void Bind(KestrelServerOptions kestrel, ListenAddress address, Action<ListenOptions> configure)
    {
        if (address.IsOff)
        {
            return;
        }

        if (address.Address is null)
        {
            kestrel.ListenAnyIP(address.Port, configure);
        }
        else
        {
            kestrel.Listen(address.EndPoint, configure);
        }
    }

    private static void BindAdmin(KestrelServerOptions kestrel, PresenceConfiguration configuration)
    {
        if (configuration.Listen.Admin.IsOff)
        {
            return;
        }

        kestrel.Listen(new AdminEndPoint(configuration.Listen.Admin), listener =>
        {
            listener.Protocols = HttpProtocols.Http1;
            if (AdminTls.IsOn(configuration.Admin))
            {
                TimeProvider time = listener.ApplicationServices.GetRequiredService<TimeProvider>();
                listener.UseHttps(https => AdminTls.Configure(https, configuration, time.GetUtcNow()));
            }

            listener.TagAsAdmin();
        });
    }

    private static void UseHttp(ListenOptions listener)
    {
        listener.Protocols = HttpProtocols.Http1;
        BeginAsStrangers(listener);
    }

    private static void BeginAsStrangers(ListenOptions listener)
    {
        var lingering = listener.ApplicationServices.GetRequiredService<Lingering>();
        var counters = listener.ApplicationServices.GetRequiredService<NodeCounters>();
        listener.Use(next => connection => Stranger.ServeAsync(connection, next, lingering, counters));
    }

    private static void UseTls(ListenOptions listener, PresenceConfiguration configuration)
    {
        TimeProvider time = listener.ApplicationServices.GetRequiredService<TimeProvider>();
        BeginAsStrangers(listener);
        listener.UseHttps(https =>
        {
            https.ServerCertificate = ListenerCertificate.Load(configuration.Listen.Certificate, configuration.DataDirectory, time.GetUtcNow());
            https.SslProtocols = ListenerCertificate.Protocols;
            https.HandshakeTimeout = configuration.Session.HandshakeTimeout;
            // Kestrel would offer h2 and http/1.1, and refuse a client that asks for this protocol.
            https.OnAuthenticate = static (_, tls) => tls.ApplicationProtocols = [new SslApplicationProtocol(ProtocolLimits.Subprotocol)];
        });
        listener.Use(static next => connection =>
        {
            // Its Hello has a time of its own.
            connection.Features.Get<Stranger>()!.IsKnown();
            return next(connection);
        });
        listener.UseConnectionHandler<StreamConnectionHandler>();
    }
}
