namespace Presence.Engine;

/// <summary>Whom a connection watches: indices of watched users in a block of the arena, in no order. Lives in its connection.</summary>
internal struct WatchList
{
    private int _offset;

    public int Count { get; private set; }

    public readonly ReadOnlySpan<int> Items(IntArena arena) => Count == 0 ? default : arena.Block(_offset, Count);

    public void Add(IntArena arena, int watched)
    {
        int capacity = Count == 0 ? 0 : IntArena.CapacityFor(Count);
        if (Count == capacity)
        {
            Move(arena, capacity, IntArena.CapacityFor(Count + 1));
        }

        Count++;
        arena.Block(_offset, Count)[^1] = watched;
    }

    public bool Remove(IntArena arena, int watched)
    {
        if (Count == 0)
        {
            return false;
        }

        Span<int> items = arena.Block(_offset, Count);
        int place = items.IndexOf(watched);
        if (place < 0)
        {
            return false;
        }

        items[place] = items[^1];
        int capacity = IntArena.CapacityFor(Count);
        Count--;
        if (Count == 0)
        {
            arena.Free(_offset, capacity);
        }
        else if (IntArena.CapacityFor(Count) != capacity)
        {
            Move(arena, capacity, IntArena.CapacityFor(Count));
        }

        return true;
    }

    public void Clear(IntArena arena)
    {
        if (Count > 0)
        {
            arena.Free(_offset, IntArena.CapacityFor(Count));
            Count = 0;
        }
    }

    private void Move(IntArena arena, int oldCapacity, int newCapacity)
    {
        int moved = arena.Allocate(newCapacity);
        if (oldCapacity > 0)
        {
            arena.Block(_offset, Count).CopyTo(arena.Block(moved, Count));
            arena.Free(_offset, oldCapacity);
        }

        _offset = moved;
    }
}
