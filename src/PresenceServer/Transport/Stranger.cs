using Microsoft.AspNetCore.Connections;
using Presence.Server.Diagnostics;
using Presence.Server.Transport;

namespace Presence.Server.Http;

/// <summary>
/// A connection of the HTTP listener that has not shown yet whose it is. It waits with those that have not said Hello, whatever it asks meanwhile, and takes no longer: the framework gives who is silent minutes, and the places
/// are those of all listeners.
/// </summary>
internal sealed class HttpStranger(ConnectionContext connection, NodeCounters counters) : IExpected
{
    private volatile Deadline? _deadline;

    /// <summary>Serves a connection; it is among the strangers until <see cref="IsKnown"/>.</summary>
    public static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next, Lingering lingering, NodeCounters counters)
    {
        var stranger = new HttpStranger(connection, counters);
        connection.Features.Set(stranger);
        stranger._deadline = lingering.Handshakes.Add(stranger);
        try
        {
            await next(connection);
        }
        finally
        {
            stranger.IsKnown();
        }
    }

    /// <summary>It has shown a valid token, or waits elsewhere from now on. Any thread, more than once.</summary>
    public void IsKnown() => _deadline?.Take();

    public void HandshakeIsOver()
    {
        counters.UpgradeRefused(isTooLate: true);
        connection.Abort();
    }

    public void Abort() => connection.Abort();
}
