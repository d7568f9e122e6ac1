namespace Presence.Engine;

/// <summary>Whom each connection watches: indices of watched users, in no order.</summary>
internal sealed class WatchLists(Connections connections) : IDisposable
{
    private readonly OwnedLists _lists = new();

    public long Bytes => _lists.Bytes;

    /// <summary>Good until the list of a connection changes.</summary>
    public ReadOnlySpan<int> Of(ConnectionPort connection) => _lists.Items(connection.Watches);

    public void Add(ConnectionPort connection, int watched)
    {
        Resize(connection, connection.Watches.Count + 1);
        _lists.Items(connection.Watches)[^1] = watched;
    }

    /// <returns>False when it was not there.</returns>
    public bool Remove(ConnectionPort connection, int watched)
    {
        Span<int> items = _lists.Items(connection.Watches);
        int place = items.IndexOf(watched);
        if (place < 0)
        {
            return false;
        }

        items[place] = items[^1];
        Resize(connection, items.Length - 1);
        return true;
    }

    public void Clear(ConnectionPort connection) => Resize(connection, 0);

    public void Dispose() => _lists.Dispose();

    private void Resize(ConnectionPort connection, int count)
    {
        int block = connection.Watches.Block;
        connection.Watches = _lists.Resize(connection.Watches, count, connection.Slot, out int moved);
        if (moved != OwnedLists.None)
        {
            ref IntList other = ref connections[moved].Watches;
            other = other with { Block = block };
        }
    }
}
