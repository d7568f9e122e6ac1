using Microsoft.AspNetCore.Connections;

namespace Presence.Server.Hosting;

/// <summary>
/// At most so many connections on all listeners that share it. Kestrel's own limit counts each listener alone, while they all draw on the one limit of
/// descriptors: two listeners half over it end the process.
/// </summary>
internal sealed class ConnectionCap(int limit)
{
    private int _open;

    /// <summary>Counts the connections of a listener; what is over the cap is closed before a byte of it is read.</summary>
    public void Guard(IConnectionBuilder listener) => listener.Use(next => connection => CountAsync(next, connection));

    private async Task CountAsync(ConnectionDelegate next, ConnectionContext connection)
    {
        try
        {
            if (Interlocked.Increment(ref _open) <= limit)
            {
                await next(connection);
            }
            else
            {
                connection.Abort();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}
