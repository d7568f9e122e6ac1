using System.Net;
using System.Net.WebSockets;
using Presence.Protocol;
using Presence.Server.Transport.WebSockets;

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

        string? origin = http.Request.Headers.Origin.Count == 0 ? null : http.Request.Headers.Origin.ToString();
        if (!context.Origins.Allows(origin))
        {
            await Results.Problem(UpgradeRefusal.ForeignOriginDetail, statusCode: StatusCodes.Status403Forbidden).ExecuteAsync(http);
            return;
        }

        if (!http.WebSockets.WebSocketRequestedProtocols.Contains(ProtocolLimits.Subprotocol))
        {
            context.Counters.UpgradeRefused(isTooLate: false);
            await Refuse(http, StatusCodes.Status400BadRequest, $"Ask for the subprotocol {ProtocolLimits.Subprotocol}.").ExecuteAsync(http);
            return;
        }

        // No compression: a frame is tens of bytes, a compressor is tens of kilobytes a connection, and what is compressed beside what a stranger chose tells of it by its
        // length (CRIME). No keep-alive of its own: heartbeats are frames. Pings are answered by the runtime.
        var accept = new WebSocketAcceptContext { SubProtocol = ProtocolLimits.Subprotocol, KeepAliveInterval = TimeSpan.Zero };
        // Its Hello has a time of its own.
        http.Features.Get<Stranger>()?.IsKnown();
        using WebSocket socket = await http.WebSockets.AcceptWebSocketAsync(accept);
        await new WebSocketConnection(socket, new IPEndPoint(http.Connection.RemoteIpAddress ?? IPAddress.None, http.Connection.RemotePort), context).RunAsync();
    }

    private static IResult Refuse(HttpContext http, int status, string detail)
    {
        http.Response.Headers.Upgrade = "websocket";
        return Results.Problem(detail, statusCode: status);
    }
}
