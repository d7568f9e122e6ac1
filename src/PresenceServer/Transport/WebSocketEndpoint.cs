using System.Net;
using System.Net.WebSockets;
using Presence.Protocol;

namespace Presence.Server.Transport;

/// <summary><c>/v1/connect</c>: the binary protocol over WebSocket, subprotocol <c>presence.v1</c>.</summary>
internal static class WebSocketEndpoint
{
    public const string Path = "/v1/connect";

    public static void MapWebSocketConnections(this IEndpointRouteBuilder endpoints) => endpoints.Map(Path, ConnectAsync).ExcludeFromDescription();

    private static async Task ConnectAsync(HttpContext http, ClientContext context)
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            context.Counters.UpgradeRefused(isTooLate: false);
            await Refuse(http, StatusCodes.Status426UpgradeRequired, "This address is for WebSocket.").ExecuteAsync(http);
            return;
        }

        if (!http.WebSockets.WebSocketRequestedProtocols.Contains(ProtocolLimits.Subprotocol))
        {
            context.Counters.UpgradeRefused(isTooLate: false);
            await Refuse(http, StatusCodes.Status400BadRequest, $"Ask for the subprotocol {ProtocolLimits.Subprotocol}.").ExecuteAsync(http);
            return;
        }

        // No compression: a frame is tens of bytes, and a compressor is tens of kilobytes a connection. No keep-alive of its own: heartbeats are frames.
        var accept = new WebSocketAcceptContext { SubProtocol = ProtocolLimits.Subprotocol, KeepAliveInterval = TimeSpan.Zero };
        using WebSocket socket = await http.WebSockets.AcceptWebSocketAsync(accept);
        await new WebSocketConnection(socket, new IPEndPoint(http.Connection.RemoteIpAddress ?? IPAddress.None, http.Connection.RemotePort), context).RunAsync();
    }

    private static IResult Refuse(HttpContext http, int status, string detail)
    {
        http.Response.Headers.Upgrade = "websocket";
        return Results.Problem(detail, statusCode: status);
    }
}
