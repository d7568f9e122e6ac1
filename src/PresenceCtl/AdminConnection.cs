using System.Net.Security;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Web;
using Presence.Admin.V1;

namespace Presence.Ctl;

/// <summary>The admin service of one server: gRPC-Web over HTTP/1.1, so that it shares a port with the health pages.</summary>
internal sealed class AdminConnection : IDisposable
{
    /// <summary>A call that is not a watch is given up after this; a status may wait for its rate, half a minute by default.</summary>
    public static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(45);

    private readonly GrpcChannel _channel;
    private readonly string _token;
    private readonly string? _node;

    /// <param name="address">HOST:PORT.</param>
    /// <param name="token">Of scope presence:admin.</param>
    /// <param name="tls">Null: in the clear.</param>
    /// <param name="node">The node that is to answer; null: whichever can.</param>
    public AdminConnection(string address, string token, SslClientAuthenticationOptions? tls = null, string? node = null)
    {
        (_token, _node) = (token, node);
        var sockets = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5) };
        sockets.SslOptions = tls ?? sockets.SslOptions;
        _channel = GrpcChannel.ForAddress($"{(tls is null ? "http" : "https")}://{address}", new GrpcChannelOptions
        {
            HttpVersion = System.Net.HttpVersion.Version11,
            HttpHandler = new GrpcWebHandler(sockets),
            DisposeHttpClient = true,
            ThrowOperationCanceledOnCancellation = true,
        });
        Service = new AdminService.AdminServiceClient(_channel);
    }

    public AdminService.AdminServiceClient Service { get; }

    /// <summary>For one question.</summary>
    public CallOptions Question(CancellationToken cancelled) => new(
        Headers(), TimeProvider.System.GetUtcNow().UtcDateTime + AnswerWithin, cancelled);

    /// <summary>For a stream without an end.</summary>
    public CallOptions Watch(CancellationToken cancelled) => new(Headers(), deadline: null, cancelled);

    public void Dispose() => _channel.Dispose();

    private Metadata Headers()
    {
        var headers = new Metadata { { "authorization", $"Bearer {_token}" } };
        if (_node is not null)
        {
            headers.Add("presence-node", _node);
        }

        return headers;
    }
}
