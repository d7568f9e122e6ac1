using Microsoft.AspNetCore.Connections;
using Presence.Server.Hosting;

namespace Presence.Server.Transport;

/// <summary>Kestrel's door to the binary protocol on TCP and TLS.</summary>
internal sealed class StreamConnectionHandler(ClientContext context, IoCanary canary) : ConnectionHandler
{
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        try
        {
            await new StreamConnection(connection, context, canary).RunAsync();
        }
        catch (Exception e)
        {
            context.Logger.ConnectionFaulted(e);
            throw;
        }
    }
}
