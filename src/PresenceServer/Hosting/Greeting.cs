using System.Net;
using Presence.Server.Configuration;
using Presence.Server.Security;

namespace Presence.Server.Hosting;

/// <summary>Says on standard output where the node listens and what to try next, once it does.</summary>
internal sealed class Greeting(ListenerAddresses addresses, PresenceConfiguration configuration, IHostEnvironment environment) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        addresses.WhenBound(Print);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Print()
    {
        Console.WriteLine($"Presence is ready ({environment.EnvironmentName}, {configuration.Shards} shards, data in {configuration.DataDirectory}).");
        Line("TCP", addresses.Tcp, "presence://{0}");
        Line("TLS", addresses.Tls, "presences://{0}");
        Line("HTTP", addresses.Http, "http://{0}/users/presence");
        Line("WebSocket", addresses.WebSocket ?? addresses.Http, "ws://{0}/v1/connect");
        Line("admin", addresses.Admin, AdminTls.IsOn(configuration.Admin) ? "https://{0}/readyz" : "http://{0}/readyz");
        if (environment.IsDevelopment())
        {
            Console.WriteLine($"""

                A token for user 1:  dotnet run -c Release --project src/PresenceCtl -- token --user 1 --data-directory {configuration.DataDirectory}
                Then watch user 2:   dotnet run -c Release --project src/PresenceCtl -- watch 2
                Stop with Ctrl+C.
                """);
        }
    }

    private static void Line(string name, IPEndPoint? address, string form)
    {
        if (address is not null)
        {
            Console.WriteLine($"  {name,-10} {string.Format(System.Globalization.CultureInfo.InvariantCulture, form, address)}");
        }
    }
}
