using Presence.Engine;
using Presence.Server.Transport;

namespace Presence.Server.Hosting;

/// <summary>
/// At most so many connections on all listeners that share it, each counted from its accept until its descriptor is closed. Kestrel's own limit counts each
/// listener alone, and what it has accepted and not begun to serve not at all, while they all draw on the one limit of descriptors. A process that reaches
/// that ends: a thread that its pool wants to start needs two of them for a moment.
/// </summary>
/// <param name="limit">Connections.</param>
/// <param name="addresses">How many of them one address may have.</param>
/// <param name="hits">Counts who is refused.</param>
/// <param name="said">How often the log tells of who is refused.</param>
/// <param name="logger">Is told.</param>
internal sealed class ConnectionCap(int limit, AddressCounts addresses, LimitHits hits, Seldom said, ILogger logger)
{
    // Who needs so long for its Hello, or to leave, only waits.
    private static readonly TimeSpan s_waited = TimeSpan.FromSeconds(1);

    private int _open;
    private volatile bool _isClosed;

    /// <summary>Counts one that was just accepted. Any thread.</summary>
    /// <returns>False when there is no room: it is to be closed, and not to be counted off.</returns>
    /// <param name="address">As <see cref="AddressCounts.KeyOf(System.Net.EndPoint?)"/>.</param>
    public bool TryEnter(ulong address)
    {
        if (_isClosed)
        {
            return false;
        }

        if (!addresses.TryEnter(address))
        {
            hits.Hit(LimitHits.AddressConnections);
            return false;
        }

        if (Interlocked.Increment(ref _open) <= limit)
        {
            return true;
        }

        Leave(address);
        hits.Hit(LimitHits.Connections);
        MakeRoom();
        if (said.IsTime())
        {
            logger.ConnectionsRefused(limit);
        }

        return false;
    }

    /// <summary>Those who are in their handshake: when nobody else can enter, who has waited longest makes room for the next.</summary>
    public DeadlineQueue? Handshakes { get; init; }

    /// <summary>Those who were told to leave: they make room before.</summary>
    public DeadlineQueue? Closing { get; init; }

    /// <summary>From now on nobody enters. Any thread.</summary>
    public void Close() => _isClosed = true;

    /// <summary>Ends <see cref="Close"/>.</summary>
    public void Open() => _isClosed = false;

    private void MakeRoom()
    {
        if (Closing?.MakeRoom(s_waited) != true)
        {
            Handshakes?.MakeRoom(s_waited);
        }
    }

    /// <summary>The descriptor of one that had entered is closed. Any thread.</summary>
    /// <param name="address">As it entered.</param>
    public void Leave(ulong address)
    {
        Interlocked.Decrement(ref _open);
        addresses.Leave(address);
    }
}
