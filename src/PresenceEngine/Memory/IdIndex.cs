using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Presence.Engine;

/// <summary>Where an <see cref="IdIndex{TKeys}"/> finds the key of a slab index: the key is stored once, in the slab.</summary>
internal interface IKeyed
{
    ulong KeyOf(int index);

    /// <summary>Begins to bring the record into the cache.</summary>
    void Prefetch(int index);
}

/// <summary>
/// User id → slab index at about 6 bytes a user. Open addressing with linear probing, split into sub-tables that grow each for itself,
/// so that no insert ever pays for more than a thousandth of the whole. A slot holds 27 bits of index and 5 bits of hash: a probe that
/// meets a stranger rarely has to touch the slab. Keyed by a secret seed: ids are chosen by clients. One thread only.
/// </summary>
internal sealed unsafe class IdIndex<TKeys>(TKeys keys, ulong seed) : IDisposable
    where TKeys : struct, IKeyed
{
    public const int MaxIndex = (1 << IndexBits) - 2;

    private const int IndexBits = 27;
    private const uint IndexMask = (1u << IndexBits) - 1;
    private const int SubTableBits = 10;
    private const int SmallestSubTable = 8;
    private const int PrefetchAhead = 16;

    // Invariant: a sub-table is at most three quarters full, so every probe meets an empty slot.
    private readonly SubTable[] _tables = new SubTable[1 << SubTableBits];
    private readonly ulong _xor = seed;
    private readonly ulong _multiplier = BitOperations.RotateLeft(seed, 29) * 0x9E3779B97F4A7C15 | 1;

    ~IdIndex() => Release();

    public int Count { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>The index stored for <paramref name="key"/>, or -1.</summary>
    public int Find(ulong key)
    {
        ulong hash = Hash(key);
        ref SubTable table = ref TableOf(hash);
        if (table.Count == 0)
        {
            return -1;
        }

        uint tag = TagOf(hash);
        for (int at = (int)hash & table.Mask; ; at = (at + 1) & table.Mask)
        {
            uint slot = table.Slots[at];
            if (slot == 0)
            {
                return -1;
            }

            if ((slot & ~IndexMask) == tag && keys.KeyOf(IndexOf(slot)) == key)
            {
                return IndexOf(slot);
            }
        }
    }

    /// <summary>Begins to bring the slot of a key into the cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong key)
    {
        ulong hash = Hash(key);
        ref SubTable table = ref TableOf(hash);
        Cache.Prefetch(table.Slots + ((int)hash & table.Mask));
    }

    /// <summary>The index that <see cref="Find"/> would look at first, without looking at it, or -1.</summary>
    public int Guess(ulong key)
    {
        ulong hash = Hash(key);
        ref SubTable table = ref TableOf(hash);
        if (table.Count == 0)
        {
            return -1;
        }

        uint tag = TagOf(hash);
        for (int at = (int)hash & table.Mask; ; at = (at + 1) & table.Mask)
        {
            uint slot = table.Slots[at];
            if (slot == 0 || (slot & ~IndexMask) == tag)
            {
                return IndexOf(slot);
            }
        }
    }

    /// <summary>Adds a key that is not in the index; its slab record must already carry it.</summary>
    public void Add(ulong key, int index)
    {
        Debug.Assert(Find(key) < 0, "a key is added once");
        if (index > MaxIndex)
        {
            throw new InvalidOperationException($"A shard holds at most {MaxIndex} users; run more shards (Presence:Shards).");
        }

        ulong hash = Hash(key);
        ref SubTable table = ref TableOf(hash);
        if ((table.Count + 1) * 4 > table.Capacity * 3)
        {
            Grow(ref table);
        }

        Place(in table, hash, index);
        table.Count++;
        Count++;
    }

    public bool Remove(ulong key)
    {
        ulong hash = Hash(key);
        ref SubTable table = ref TableOf(hash);
        if (table.Count == 0)
        {
            return false;
        }

        uint tag = TagOf(hash);
        for (int at = (int)hash & table.Mask; table.Slots[at] != 0; at = (at + 1) & table.Mask)
        {
            uint slot = table.Slots[at];
            if ((slot & ~IndexMask) == tag && keys.KeyOf(IndexOf(slot)) == key)
            {
                CloseGap(in table, at);
                table.Count--;
                Count--;
                return true;
            }
        }

        return false;
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int IndexOf(uint slot) => (int)(slot & IndexMask) - 1;

    // The low bits choose the slot, the top bits the sub-table, the bits below those the tag.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint TagOf(ulong hash) => (uint)(hash >> (64 - SubTableBits - 5)) << IndexBits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref SubTable TableOf(ulong hash) => ref _tables[hash >> (64 - SubTableBits)];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Hash(ulong key)
    {
        ulong hash = (key ^ _xor) * _multiplier;
        hash ^= hash >> 32;
        hash *= 0xD6E8FEB86659FD93;
        return hash ^ (hash >> 32);
    }

    private static void Place(in SubTable table, ulong hash, int index)
    {
        int at = (int)hash & table.Mask;
        while (table.Slots[at] != 0)
        {
            at = (at + 1) & table.Mask;
        }

        table.Slots[at] = TagOf(hash) | (uint)(index + 1);
    }

    private void Grow(ref SubTable table)
    {
        int capacity = Math.Max(SmallestSubTable, table.Capacity * 2);
        var grown = new SubTable
        {
            Slots = (uint*)NativeMemory.AllocZeroed((nuint)capacity, sizeof(uint)),
            Capacity = capacity,
            Count = table.Count,
        };
        Bytes += (long)(capacity - table.Capacity) * sizeof(uint);
        for (int at = 0; at < table.Capacity; at++)
        {
            // The key is in the record: asked for a few slots ahead, or each would be waited for.
            if (at + PrefetchAhead < table.Capacity && table.Slots[at + PrefetchAhead] != 0)
            {
                keys.Prefetch(IndexOf(table.Slots[at + PrefetchAhead]));
            }

            if (table.Slots[at] != 0)
            {
                int index = IndexOf(table.Slots[at]);
                Place(in grown, Hash(keys.KeyOf(index)), index);
            }
        }

        NativeMemory.Free(table.Slots);
        table = grown;
    }

    // Moves later members of the probe run back over the hole, so that no tombstones are needed.
    private void CloseGap(in SubTable table, int hole)
    {
        int mask = table.Mask;
        for (int at = (hole + 1) & mask; table.Slots[at] != 0; at = (at + 1) & mask)
        {
            keys.Prefetch(IndexOf(table.Slots[at]));
        }

        for (int at = (hole + 1) & mask; table.Slots[at] != 0; at = (at + 1) & mask)
        {
            int ideal = (int)Hash(keys.KeyOf(IndexOf(table.Slots[at]))) & mask;
            if (((at - ideal) & mask) >= ((at - hole) & mask))
            {
                table.Slots[hole] = table.Slots[at];
                hole = at;
            }
        }

        table.Slots[hole] = 0;
    }

    private void Release()
    {
        foreach (SubTable table in _tables)
        {
            NativeMemory.Free(table.Slots);
        }

        Array.Clear(_tables);
    }

    private struct SubTable
    {
        public uint* Slots;
        public int Capacity;
        public int Count;

        public readonly int Mask => Capacity - 1;
    }
}
