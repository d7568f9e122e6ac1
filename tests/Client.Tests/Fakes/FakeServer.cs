using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Presence.Protocol;

namespace Presence.Client.Tests.Fakes;

/// <summary>What a client connects by.</summary>
public enum FakeTransport
{
    Tcp,
    Tls,
    WebSocket,
}

/// <summary>A server that does what a test says, over real sockets.</summary>
internal sealed class FakeServer : IDisposable
{
    private const string WebSocketGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly FakeTransport _transport;
    private readonly Lazy<X509Certificate2> _certificate = new(SelfSigned);

    public FakeServer(FakeTransport transport = FakeTransport.Tcp)
    {
        _transport = transport;
        _listener.Start();
    }

    public Uri Endpoint => new($"{Scheme}://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    private string Scheme => _transport switch
    {
        FakeTransport.Tls => "presences",
        FakeTransport.WebSocket => "ws",
        _ => "presence",
    };

    public bool IsOurs(X509Certificate? certificate) => _certificate.Value.Equals(certificate);

    /// <summary>The next connection of a client; nothing is said on it yet.</summary>
    public async Task<FakePeer> AcceptAsync(CancellationToken cancellation)
    {
        Socket socket = await _listener.AcceptSocketAsync(cancellation);
        socket.NoDelay = true;
        NetworkStream tcp = new(socket, ownsSocket: true);
        return _transport switch
        {
            FakeTransport.Tls => new FakePeer(await SecureAsync(tcp, cancellation)),
            FakeTransport.WebSocket => new FakePeer(await UpgradeAsync(tcp, cancellation)),
            _ => new FakePeer(tcp),
        };
    }

    public void Dispose()
    {
        _listener.Dispose();
        if (_certificate.IsValueCreated)
        {
            _certificate.Value.Dispose();
        }
    }

    private async Task<SslStream> SecureAsync(NetworkStream tcp, CancellationToken cancellation)
    {
        SslStream tls = new(tcp);
        await tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = _certificate.Value,
                ApplicationProtocols = [new SslApplicationProtocol(ProtocolLimits.Subprotocol)],
            },
            cancellation);
        return tls;
    }

    [SuppressMessage("Security", "CA5350", Justification = "The WebSocket handshake is made of SHA-1 (RFC 6455).")]
    private static async Task<WebSocket> UpgradeAsync(NetworkStream tcp, CancellationToken cancellation)
    {
        string[] request = await ReadRequestAsync(tcp, cancellation);
        if (request[0] != "GET /v1/connect HTTP/1.1" || Header("Sec-WebSocket-Protocol") != ProtocolLimits.Subprotocol)
        {
            throw new InvalidDataException($"Not the upgrade of a presence client: {string.Join(" | ", request)}");
        }
        byte[] accept = SHA1.HashData(Encoding.ASCII.GetBytes(Header("Sec-WebSocket-Key") + WebSocketGuid));
        string answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Protocol: {ProtocolLimits.Subprotocol}\r\nSec-WebSocket-Accept: {Convert.ToBase64String(accept)}\r\n\r\n";
        await tcp.WriteAsync(Encoding.ASCII.GetBytes(answer), cancellation);
        return WebSocket.CreateFromStream(tcp, new WebSocketCreationOptions { IsServer = true, SubProtocol = ProtocolLimits.Subprotocol });

        string? Header(string name) => request.Select(line => line.Split(':', 2)).FirstOrDefault(line => Is(line, name))?[1].Trim();

        static bool Is(string[] line, string name) => line.Length == 2 && line[0].Equals(name, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<string[]> ReadRequestAsync(NetworkStream tcp, CancellationToken cancellation)
    {
        StringBuilder text = new();
        byte[] one = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await tcp.ReadExactlyAsync(one, cancellation);
            text.Append((char)one[0]);
        }
        return text.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
    }

    private static X509Certificate2 SelfSigned()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
