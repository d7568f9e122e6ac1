using Presence.Engine;
using Presence.Server.Transport;

namespace Presence.Server.Hosting;

/// <summary>
/// At most so many connections on all listeners that share it, each counted from its accept until its descriptor is closed. Kestrel's own limit counts each
/// listener alone, and what it has accepted and not begun to serve not at all, while they all draw on the one limit of descriptors. A process that reaches
/// that ends: a thread that its pool wants to start needs two of them for a moment.
/// </summary>
/// <param name="limit">Connections.</param>
/// <param name="hits">Counts who is refused.</param>
/// <param name="said">How often the log tells of who is refused.</param>
/// <param name="logger">Is told.</param>
internal sealed class ConnectionCap(int limit, LimitHits hits, Seldom said, ILogger logger)
{
    private int _open;
    private volatile bool _isClosed;

    /// <summary>Counts one that was just accepted. Any thread.</summary>
    /// <returns>False when there is no room: it is to be closed, and not to be counted off.</returns>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _open) <= limit && !_isClosed)
        {
            return true;
        }

        Leave();
        if (_isClosed)
        {
            return false;
        }

        hits.Hit(LimitHits.Connections);
        if (said.IsTime())
        {
            logger.ConnectionsRefused(limit);
        }

        return false;
    }

    /// <summary>From now on nobody enters. Any thread.</summary>
    public void Close() => _isClosed = true;

    /// <summary>The descriptor of one that had entered is closed. Any thread.</summary>
    public void Leave() => Interlocked.Decrement(ref _open);
}
