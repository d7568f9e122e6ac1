using Microsoft.AspNetCore.Connections;

namespace Presence.Server.Transport.WebSockets;

/// <summary>Kestrel's door to the binary protocol on the listener that is for WebSocket alone.</summary>
internal sealed class LeanWebSocketHandler(ClientContext context) : ConnectionHandler
{
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        try
        {
            await new LeanWebSocketConnection(connection, context).RunAsync();
        }
        catch (Exception e)
        {
            context.Logger.ConnectionFaulted(e);
            throw;
        }
    }
}
