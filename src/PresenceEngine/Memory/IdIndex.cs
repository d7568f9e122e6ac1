using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Presence.Engine;

/// <summary>Where an <see cref="IdIndex{TKeys}"/> finds the key of a slab index: the key is stored once, in the slab.</summary>
public interface IKeyed
{
    ulong KeyOf(int index);

    /// <summary>Begins to bring the record into the cache.</summary>
    void Prefetch(int index);
}

/// <summary>
/// User id → slab index at about 6 bytes a user. Open addressing with linear probing, split into sub-tables that grow each for itself, so
/// that no insert ever pays for more than a thousandth of the whole. All sub-tables of one size lie in one region, which a large index has
/// in huge pages; a region is given back when the last of its sub-tables has outgrown it. A slot holds 27 bits of index and 5 bits of hash:
/// a probe that meets a stranger rarely has to touch the slab. Keyed by a secret seed: ids are chosen by clients. One thread only.
/// </summary>
public sealed unsafe class IdIndex<TKeys>(TKeys keys, ulong seed) : IDisposable
    where TKeys : struct, IKeyed
{
    public const int MaxIndex = (1 << IndexBits) - 2;

    /// <summary>As many look-ups as memory serves at the same time; more would only push each other out of the cache.</summary>
    public const int Group = 32;

    private const int IndexBits = 27;
    private const uint IndexMask = (1u << IndexBits) - 1;
    private const int SubTableBits = 10;
    private const int SmallestSubTable = 8;
    private const int SubTables = 1 << SubTableBits;
    private const int PrefetchAhead = 16;
    private const int HugeFromBytes = 8 * Pages.HugeBytes;

    // Invariant: a sub-table is at most three quarters full, so every probe meets an empty slot.
    private readonly SubTable[] _tables = new SubTable[SubTables];
    private readonly Region[] _regions = new Region[32];
    private readonly ulong[] _hashes = new ulong[Group];
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

    /// <summary>
    /// Where the keys probably are, without waiting for one after the other; what is found there begins to come into the cache.
    /// </summary>
    /// <param name="sought">At most <see cref="Group"/> keys.</param>
    /// <param name="hints">For each the index that <see cref="Find"/> would look at first, or -1.</param>
    public void Guess(ReadOnlySpan<ulong> sought, Span<int> hints)
    {
        Span<ulong> hashes = _hashes;
        for (int i = 0; i < sought.Length; i++)
        {
            ulong hash = hashes[i] = Hash(sought[i]);
            ref SubTable table = ref TableOf(hash);
            Cache.Prefetch(table.Slots + ((int)hash & table.Mask));
        }

        for (int i = 0; i < sought.Length; i++)
        {
            int index = hints[i] = Guess(hashes[i]);
            if (index >= 0)
            {
                keys.Prefetch(index);
            }
        }
    }

    /// <summary>About so many keys will be there: what they need is made at once, which else is by doubling it again and again.</summary>
    public void Reserve(int keys)
    {
        // As a sub-table would have grown: it is at most three quarters full. They do not all get as many; one that gets more grows by itself.
        int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)((keys / SubTables * 9 / 10 * 4 / 3) + 1));
        for (int number = 0; number < SubTables && capacity > SmallestSubTable; number++)
        {
            ref SubTable table = ref _tables[number];
            if (table.Capacity < capacity)
            {
                Grow(ref table, number, capacity);
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
            Grow(ref table, (int)(hash >> (64 - SubTableBits)), Math.Max(SmallestSubTable, table.Capacity * 2));
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

    private int Guess(ulong hash)
    {
        ref SubTable table = ref TableOf(hash);
        if (table.Count == 0)
        {
            return -1;
        }

        uint tag = TagOf(hash);
        uint slot;
        int at = (int)hash & table.Mask;
        while ((slot = table.Slots[at]) != 0 && (slot & ~IndexMask) != tag)
        {
            at = (at + 1) & table.Mask;
        }

        return IndexOf(slot);
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

    private void Grow(ref SubTable table, int number, int capacity)
    {
        var grown = new SubTable { Slots = Enter(number, capacity), Capacity = capacity, Count = table.Count };
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

        if (table.Capacity > 0)
        {
            Leave(table.Capacity);
        }

        table = grown;
    }

    // The place of a sub-table among those of its size.
    private uint* Enter(int number, int capacity)
    {
        ref Region region = ref _regions[BitOperations.Log2((uint)capacity)];
        if (region.Tables++ == 0)
        {
            region.Bytes = (nuint)capacity * sizeof(uint) * SubTables;
            region.Start = (uint*)Pages.Map(region.Bytes, huge: region.Bytes >= HugeFromBytes);
        }

        Bytes += (long)capacity * sizeof(uint);
        return region.Start + ((nuint)number * (nuint)capacity);
    }

    private void Leave(int capacity)
    {
        ref Region region = ref _regions[BitOperations.Log2((uint)capacity)];
        Bytes -= (long)capacity * sizeof(uint);
        if (--region.Tables == 0)
        {
            Pages.Unmap(region.Start, region.Bytes);
        }
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
        foreach (Region region in _regions)
        {
            if (region.Tables > 0)
            {
                Pages.Unmap(region.Start, region.Bytes);
            }
        }

        Array.Clear(_regions);
        Array.Clear(_tables);
    }

    private struct SubTable
    {
        public uint* Slots;
        public int Capacity;
        public int Count;

        public readonly int Mask => Capacity - 1;
    }

    /// <summary>Room for all sub-tables of one size.</summary>
    private struct Region
    {
        public uint* Start;
        public nuint Bytes;

        /// <summary>Sub-tables that are in it; without any there is no region.</summary>
        public int Tables;
    }
}
