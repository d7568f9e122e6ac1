using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using Presence.Protocol;

namespace Presence.Client.Transport;

/// <summary>Makes a transport to an endpoint; the scheme says which.</summary>
internal sealed class Dialer(RemoteCertificateValidationCallback? certificateValidation)
{
    private const int DefaultTcpPort = 7001;
    private const int DefaultTlsPort = 7002;
    private const string WebSocketPath = "/v1/connect";

    /// <exception cref="ArgumentException">The endpoint cannot be dialled.</exception>
    public static void Validate(Uri endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (!endpoint.IsAbsoluteUri || endpoint.Scheme is not ("presence" or "presences" or "ws" or "wss") || endpoint.Host.Length == 0)
        {
            throw new ArgumentException(
                $"The endpoint '{endpoint}' is not presence://host:port, presences://host:port, ws://host:port or wss://host:port.");
        }
    }

    /// <exception cref="IOException">The server cannot be reached, or does not speak presence.v1.</exception>
    public async ValueTask<ITransport> DialAsync(Uri endpoint, CancellationToken cancellation)
    {
        try
        {
            return endpoint.Scheme switch
            {
                "ws" or "wss" => await DialWebSocketAsync(endpoint, cancellation).ConfigureAwait(false),
                "presences" => await DialTlsAsync(endpoint, cancellation).ConfigureAwait(false),
                _ => await DialPlainAsync(endpoint, cancellation).ConfigureAwait(false),
            };
        }
        catch (Exception e) when (e is SocketException or WebSocketException or System.Security.Authentication.AuthenticationException)
        {
            throw new IOException($"{endpoint} cannot be reached: {e.Message}", e);
        }
    }

    private static async ValueTask<ITransport> DialPlainAsync(Uri endpoint, CancellationToken cancellation)
    {
        NetworkStream tcp = await DialTcpAsync(endpoint, DefaultTcpPort, cancellation).ConfigureAwait(false);
        return new StreamTransport(tcp, tcp.Socket);
    }

    private static async ValueTask<NetworkStream> DialTcpAsync(Uri endpoint, int defaultPort, CancellationToken cancellation)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            int port = endpoint.IsDefaultPort ? defaultPort : endpoint.Port;
            await socket.ConnectAsync(new DnsEndPoint(endpoint.IdnHost, port), cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async ValueTask<ITransport> DialTlsAsync(Uri endpoint, CancellationToken cancellation)
    {
        NetworkStream tcp = await DialTcpAsync(endpoint, DefaultTlsPort, cancellation).ConfigureAwait(false);
        SslStream tls = new(tcp, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = endpoint.IdnHost,
                    ApplicationProtocols = [new SslApplicationProtocol(ProtocolLimits.Subprotocol)],
                    RemoteCertificateValidationCallback = certificateValidation,
                },
                cancellation).ConfigureAwait(false);
            return new StreamTransport(tls, tcp.Socket);
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<ITransport> DialWebSocketAsync(Uri endpoint, CancellationToken cancellation)
    {
        ClientWebSocket socket = new();
        try
        {
            socket.Options.AddSubProtocol(ProtocolLimits.Subprotocol);
            // The protocol has heartbeats of its own.
            socket.Options.KeepAliveInterval = TimeSpan.Zero;
            socket.Options.RemoteCertificateValidationCallback = certificateValidation;
            Uri address = endpoint.AbsolutePath == "/" ? new Uri(endpoint, WebSocketPath) : endpoint;
            await socket.ConnectAsync(address, cancellation).ConfigureAwait(false);
            return new WebSocketTransport(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
