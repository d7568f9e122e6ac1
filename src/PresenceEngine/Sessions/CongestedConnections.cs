namespace Presence.Engine;

/// <summary>
/// Connections whose flush is pending, in the order in which they became congested: each once, however often it drains and falls behind
/// again. Threaded through the connections themselves.
/// </summary>
internal sealed class CongestedConnections
{
    private ConnectionPort? _newest;

    public ConnectionPort? Oldest { get; private set; }

    public int Count { get; private set; }

    public void Add(ConnectionPort connection)
    {
        connection.CongestedBefore = _newest;
        connection.CongestedAfter = null;
        if (_newest is null)
        {
            Oldest = connection;
        }
        else
        {
            _newest.CongestedAfter = connection;
        }

        _newest = connection;
        Count++;
    }

    /// <summary>Removes one that may not be among them.</summary>
    public void Remove(ConnectionPort connection)
    {
        if (connection.CongestedBefore is null && connection != Oldest)
        {
            return;
        }

        if (connection.CongestedBefore is { } before)
        {
            before.CongestedAfter = connection.CongestedAfter;
        }
        else
        {
            Oldest = connection.CongestedAfter;
        }

        if (connection.CongestedAfter is { } after)
        {
            after.CongestedBefore = connection.CongestedBefore;
        }
        else
        {
            _newest = connection.CongestedBefore;
        }

        connection.CongestedBefore = connection.CongestedAfter = null;
        Count--;
    }
}
