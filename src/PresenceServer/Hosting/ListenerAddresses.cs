using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Presence.Server.Configuration;

namespace Presence.Server.Hosting;

/// <summary>Where the listeners are bound once they are; a configured port of 0 has its number then.</summary>
internal sealed class ListenerAddresses(PresenceConfiguration configuration, IServiceProvider services, IHostApplicationLifetime lifetime)
{
    // The first so many are bound by LoopListeners where there are loops.
    private const int Ours = 2;

    /// <summary>A loopback or bound address at which this process reaches its own TCP listener.</summary>
    public IPEndPoint? Tcp => Find(0);

    public IPEndPoint? WebSocket => Find(1);

    public IPEndPoint? Tls => Find(2);

    public IPEndPoint? Http => Find(3);

    public IPEndPoint? Admin => Find(4);

    public void WhenBound(Action act) => lifetime.ApplicationStarted.Register(act);

    private IPEndPoint? Find(int listener)
    {
        ListenConfiguration listen = configuration.Listen;
        ListenAddress[] configured = [listen.Tcp, listen.WebSocket, listen.Tls, listen.Http, listen.Admin];
        if (configured[listener].IsOff)
        {
            return null;
        }

        int ours = configuration.Transport == TransportKind.Epoll ? Ours : 0;
        int port = listener < ours ? PortOfOurs(listener) : PortOfKestrels(configured.Take(ours..listener).Count(static address => !address.IsOff));
        IPAddress reachable = configured[listener].Address is { } own && !own.Equals(IPAddress.Any) ? own : IPAddress.Loopback;
        return new IPEndPoint(reachable, port);
    }

    // Asked for late, like the server below: they are being made while their connection handlers, which lead here, are.
    private int PortOfOurs(int listener)
    {
        LoopListeners loops = services.GetRequiredService<LoopListeners>();
        return (listener == 0 ? loops.Tcp : loops.WebSocket)!.EndPoint.Port;
    }

    // Kestrel lists its addresses in the order in which they were bound: the order of Listeners.
    private int PortOfKestrels(int place)
    {
        string bound = services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ElementAt(place);
        return new Uri(bound.Replace("://[::]", "://localhost", StringComparison.Ordinal).Replace("://*", "://localhost", StringComparison.Ordinal)).Port;
    }
}
