namespace Presence.Engine;

/// <summary>The connections of a shard by slot: what watcher sets and devices refer to. A slot is used again only after its connection's last word.</summary>
internal sealed class Connections
{
    private readonly Stack<int> _free = new();
    private ConnectionPort?[] _bySlot = new ConnectionPort[64];
    private int _highWater;

    public int Count { get; private set; }

    public ConnectionPort this[int slot] => _bySlot[slot]!;

    public ReadOnlySpan<ConnectionPort?> All => _bySlot.AsSpan(0, _highWater);

    public void Add(ConnectionPort connection)
    {
        if (!_free.TryPop(out int slot))
        {
            slot = _highWater++;
            if (slot == _bySlot.Length)
            {
                Array.Resize(ref _bySlot, slot * 2);
            }
        }

        _bySlot[slot] = connection;
        connection.Slot = slot;
        Count++;
    }

    public void Remove(ConnectionPort connection)
    {
        _bySlot[connection.Slot] = null;
        _free.Push(connection.Slot);
        connection.Slot = -1;
        Count--;
    }
}
