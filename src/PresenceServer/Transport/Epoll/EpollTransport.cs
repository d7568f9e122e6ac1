using System.Net;
using Microsoft.AspNetCore.Connections;
using Presence.Server.Configuration;
using Presence.Server.Hosting;

namespace Presence.Server.Transport.Epoll;

/// <summary>Binds the listeners that are ours; those of other addresses stay with the framework.</summary>
internal sealed class EpollTransport(
    PresenceConfiguration configuration, FrontLoop front, ConnectionCaps caps, TimeProvider time, ILogger<EpollTransport> logger)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is EpollEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = new EpollListener((IPEndPoint)endpoint, configuration.Limits, caps.Of(endpoint), front.Loop, time, logger);
        listener.Open();
        return new(listener);
    }
}
