using Microsoft.AspNetCore.Connections;
using Presence.Server.Diagnostics;

namespace Presence.Server.Transport;

/// <summary>
/// A connection that the framework serves and that has not shown yet whose it is: of the HTTP listener until its first valid token, of the TLS listener until its handshake is done. It waits with those that have not said Hello,
/// whatever it asks meanwhile, and takes no longer: the framework gives who is silent minutes, and the places are those of all listeners.
/// </summary>
internal sealed class Stranger(ConnectionContext connection, NodeCounters counters) : IExpected
{
    private volatile Deadline? _deadline;

    /// <summary>Serves a connection; it is among the strangers until <see cref="IsKnown"/>.</summary>
    public static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next, Lingering lingering, NodeCounters counters)
    {
        var stranger = new Stranger(connection, counters);
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
