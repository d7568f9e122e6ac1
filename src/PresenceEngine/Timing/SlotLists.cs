using System.Runtime.CompilerServices;

namespace Presence.Engine;

/// <summary>
/// Lists of integers in blocks of one arena, one list a slot: added at the end, taken from the end, and removed anywhere by moving the last
/// into the hole. A place names where an integer is. One thread only.
/// </summary>
internal sealed class SlotLists : IDisposable
{
    /// <summary>As many as are taken best at a time: what a full block holds.</summary>
    public const int Batch = Block - First;

    private const int None = -1;
    private const int Block = 64;

    // A block begins with the block before it in its list, and the slot that it belongs to.
    private const int Before = 0;
    private const int Owner = 1;
    private const int First = 2;

    private readonly IntArena _arena = new(Block);
    private readonly List[] _lists;

    public SlotLists(int slots)
    {
        _lists = new List[slots];
        Array.Fill(_lists, new List { Last = None });
    }

    public long Bytes => _arena.Bytes + ((long)_lists.Length * 3 * sizeof(int));

    public int Count(int slot) => _lists[slot].Count;

    /// <returns>The place of the integer.</returns>
    public int Add(int slot, int value)
    {
        ref List list = ref _lists[slot];
        if (list.Last == None || list.Filled == Block)
        {
            AddBlock(slot, ref list);
        }

        int place = list.Last + list.Filled++;
        list.Count++;
        _arena[place] = value;
        return place;
    }

    /// <summary>Takes integers from the end.</summary>
    /// <returns>How many; fewer than asked means that the list is empty.</returns>
    public int TakeLast(int slot, Span<int> into)
    {
        ref List list = ref _lists[slot];
        int taken = 0;
        while (taken < into.Length && list.Count > 0)
        {
            int some = Math.Min(into.Length - taken, list.Filled - First);
            _arena.Part(list.Last + list.Filled - some, some).CopyTo(into[taken..]);
            taken += some;
            list.Filled -= some;
            list.Count -= some;
            FreeIfEmpty(ref list);
            PrefetchSecond(list);
        }

        return taken;
    }

    /// <summary>One of the last integers of a list, counted from the end; -1 when it is not in the last block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int PeekLast(int slot, int fromEnd)
    {
        ref List list = ref _lists[slot];
        int at = list.Filled - 1 - fromEnd;
        return list.Count > 0 && at >= First ? _arena[list.Last + at] : None;
    }

    /// <summary>Removes the integer at a place.</summary>
    /// <returns>The one that has moved to this place, or -1.</returns>
    public int RemoveAt(int place)
    {
        ref List list = ref _lists[_arena[(place & ~(Block - 1)) + Owner]];
        int last = list.Last + list.Filled - 1;
        int moved = None;
        if (last != place)
        {
            moved = _arena[last];
            _arena[place] = moved;
        }

        list.Filled--;
        list.Count--;
        FreeIfEmpty(ref list);
        return moved;
    }

    public void Dispose() => _arena.Dispose();

    private void AddBlock(int slot, ref List list)
    {
        int block = _arena.Allocate();
        _arena[block + Before] = list.Last;
        _arena[block + Owner] = slot;
        list.Last = block;
        list.Filled = First;
    }

    // The block that is next has been asked for when the one before it was taken; the one behind it is asked for now.
    private void PrefetchSecond(in List list)
    {
        if (list.Last != None && _arena[list.Last + Before] is >= 0 and var second)
        {
            _arena.Prefetch(second);
        }
    }

    private void FreeIfEmpty(ref List list)
    {
        if (list.Filled == First)
        {
            int before = _arena[list.Last + Before];
            _arena.Free(list.Last);
            list.Last = before;
            list.Filled = Block;
        }
    }

    private struct List
    {
        /// <summary>The block that is being filled.</summary>
        public int Last;

        /// <summary>Integers of it that are in use, its two own included; all are when there is no block.</summary>
        public int Filled;

        public int Count;
    }
}
