using System.Numerics;

namespace Presence.Engine;

/// <summary>Bounded queue from one thread to one other: a store and a load an item. Never blocks.</summary>
internal sealed class SpscRing<T>
    where T : class
{
    private readonly T?[] _items;
    private readonly int _mask;
    private PaddedCounter _tail;
    private PaddedCounter _head;

    public SpscRing(int capacity)
    {
        _items = new T[BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _mask = _items.Length - 1;
    }

    public bool IsEmpty => Volatile.Read(ref _tail.Value) == _head.Value;

    /// <summary>For the producer: the next <see cref="TryEnqueue"/> finds room.</summary>
    public bool HasRoom => _tail.Value - Volatile.Read(ref _head.Value) < _items.Length;

    /// <returns>False when the queue is full.</returns>
    public bool TryEnqueue(T item)
    {
        long tail = _tail.Value;
        if (tail - Volatile.Read(ref _head.Value) == _items.Length)
        {
            return false;
        }

        _items[tail & _mask] = item;
        Volatile.Write(ref _tail.Value, tail + 1);
        return true;
    }

    public T? TryDequeue()
    {
        long head = _head.Value;
        if (Volatile.Read(ref _tail.Value) == head)
        {
            return null;
        }

        T? item = _items[head & _mask];
        _items[head & _mask] = null;
        Volatile.Write(ref _head.Value, head + 1);
        return item;
    }
}
