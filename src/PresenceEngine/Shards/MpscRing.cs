using System.Numerics;

namespace Presence.Engine;

/// <summary>Bounded queue from any thread to one: an array of slots, each with the turn at which it may be written or read. Never blocks.</summary>
internal sealed class MpscRing<T>
{
    private readonly Slot[] _slots;
    private readonly int _mask;
    private PaddedCounter _tail;
    private PaddedCounter _head;

    public MpscRing(int capacity)
    {
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _mask = _slots.Length - 1;
        for (int i = 0; i < _slots.Length; i++)
        {
            _slots[i].Turn = i;
        }
    }

    /// <summary>Items in the queue; exact only for the consumer while no producer runs.</summary>
    public int Count => (int)Math.Clamp(Volatile.Read(ref _tail.Value) - Volatile.Read(ref _head.Value), 0, _slots.Length);

    public int Capacity => _slots.Length;

    public bool IsEmpty
    {
        get
        {
            long head = _head.Value;
            return Volatile.Read(ref _slots[head & _mask].Turn) != head + 1;
        }
    }

    /// <returns>False when the queue is full.</returns>
    public bool TryEnqueue(in T item)
    {
        long tail = Volatile.Read(ref _tail.Value);
        while (true)
        {
            ref Slot slot = ref _slots[tail & _mask];
            long turn = Volatile.Read(ref slot.Turn);
            if (turn == tail)
            {
                long seen = Interlocked.CompareExchange(ref _tail.Value, tail + 1, tail);
                if (seen == tail)
                {
                    slot.Item = item;
                    Volatile.Write(ref slot.Turn, tail + 1);
                    return true;
                }

                tail = seen;
            }
            else if (turn < tail)
            {
                return false;
            }
            else
            {
                tail = Volatile.Read(ref _tail.Value);
            }
        }
    }

    /// <summary>The consumer's side; one thread.</summary>
    public bool TryDequeue(out T item)
    {
        long head = _head.Value;
        ref Slot slot = ref _slots[head & _mask];
        if (Volatile.Read(ref slot.Turn) != head + 1)
        {
            item = default!;
            return false;
        }

        item = slot.Item;
        slot.Item = default!;
        Volatile.Write(ref slot.Turn, head + _slots.Length);
        Volatile.Write(ref _head.Value, head + 1);
        return true;
    }

    private struct Slot
    {
        public long Turn;
        public T Item;
    }
}
