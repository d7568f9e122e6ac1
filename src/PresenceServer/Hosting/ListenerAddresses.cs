using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Presence.Server.Configuration;

namespace Presence.Server.Hosting;

/// <summary>Where the listeners are bound once they are; a configured port of 0 has its number then.</summary>
internal sealed class ListenerAddresses(PresenceConfiguration configuration, IServiceProvider services, IHostApplicationLifetime lifetime)
{
    /// <summary>A loopback or bound address at which this process reaches its own TCP listener.</summary>
    public IPEndPoint? Tcp => Find(0);

    public IPEndPoint? Tls => Find(1);

    public IPEndPoint? WebSocket => Find(2);

    public IPEndPoint? Http => Find(3);

    public IPEndPoint? Admin => Find(4);

    public void WhenBound(Action act) => lifetime.ApplicationStarted.Register(act);

    // Kestrel lists its addresses in the order in which they were bound: the order of Listeners.
    private IPEndPoint? Find(int listener)
    {
        ListenConfiguration listen = configuration.Listen;
        ListenAddress[] configured = [listen.Tcp, listen.Tls, listen.WebSocket, listen.Http, listen.Admin];
        if (configured[listener].IsOff)
        {
            return null;
        }

        int place = configured.Take(listener).Count(static address => !address.IsOff);
        // Asked for late: the server is being made while its connection handlers, which lead here, are.
        IServer server = services.GetRequiredService<IServer>();
        string[] bound = [.. server.Features.Get<IServerAddressesFeature>()!.Addresses];
        var address = new Uri(bound[place].Replace("://[::]", "://localhost", StringComparison.Ordinal).Replace("://*", "://localhost", StringComparison.Ordinal));
        IPAddress reachable = configured[listener].Address is { } own && !own.Equals(IPAddress.Any) ? own : IPAddress.Loopback;
        return new IPEndPoint(reachable, address.Port);
    }
}
