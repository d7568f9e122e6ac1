namespace Presence.Engine;

/// <summary>Ascending slots in blocks of at most <see cref="BlockSize"/>, so that adding or removing one of a million watchers moves two kilobytes at most.</summary>
internal sealed class LargeSet
{
    public const int BlockSize = 512;

    // The slots, and what the collector adds to an array, to its block and to the block's place in the list.
    private const int BytesOfBlock = (BlockSize * sizeof(int)) + 72;

    // Neighbours of no more are merged. Less than a block, or the next slot would split it again.
    private const int MergedMax = BlockSize / 4 * 3;

    // Invariant: no block is empty, every block lies wholly below the next, and two neighbours hold half a block at least.
    private readonly List<Block> _blocks = [];

    public LargeSet(ReadOnlySpan<int> ascending)
    {
        foreach (int slot in ascending)
        {
            Add(slot);
        }
    }

    public int Count { get; private set; }

    public long Bytes => (long)_blocks.Count * BytesOfBlock;

    public bool Contains(int slot) => _blocks.Count > 0 && _blocks[BlockOf(slot)].Find(slot) >= 0;

    public bool Add(int slot)
    {
        if (_blocks.Count == 0)
        {
            _blocks.Add(new Block());
        }

        int at = BlockOf(slot);
        Block block = _blocks[at];
        int place = block.Find(slot);
        if (place >= 0)
        {
            return false;
        }

        if (block.Count == BlockSize)
        {
            Block upper = block.SplitOff(ascends: at == _blocks.Count - 1 && slot > block.Last);
            _blocks.Insert(at + 1, upper);
            block = slot > block.Last ? upper : block;
            place = block.Find(slot);
        }

        block.Insert(~place, slot);
        Count++;
        return true;
    }

    public bool Remove(int slot)
    {
        int at = BlockOf(slot);
        Block block = _blocks[at];
        int place = block.Find(slot);
        if (place < 0)
        {
            return false;
        }

        block.RemoveAt(place);
        Count--;
        if (block.Count == 0)
        {
            _blocks.RemoveAt(at);
        }

        Merge(at);
        Merge(at - 1);
        return true;
    }

    /// <summary>Copies slots from <paramref name="from"/> upwards.</summary>
    /// <returns>How many; fewer than asked means that there are no more.</returns>
    public int Copy(int from, Span<int> into)
    {
        int copied = 0;
        for (int at = _blocks.Count == 0 ? 0 : BlockOf(from); at < _blocks.Count && copied < into.Length; at++)
        {
            copied += _blocks[at].Copy(from, into[copied..]);
        }

        return copied;
    }

    // Takes the next block into this one where they are few.
    private void Merge(int at)
    {
        if (at >= 0 && at + 1 < _blocks.Count && _blocks[at].Count + _blocks[at + 1].Count <= MergedMax)
        {
            _blocks[at].Append(_blocks[at + 1]);
            _blocks.RemoveAt(at + 1);
        }
    }

    // The last block whose first slot is not above the one looked for; the first block when all are above.
    private int BlockOf(int slot)
    {
        int low = 0;
        int high = _blocks.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_blocks[middle].First <= slot)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    private sealed class Block
    {
        private readonly int[] _slots = new int[BlockSize];

        public int Count { get; private set; }

        public int First => Count == 0 ? int.MinValue : _slots[0];

        public int Last => _slots[Count - 1];

        public int Find(int slot) => _slots.AsSpan(0, Count).BinarySearch(slot);

        public void Insert(int place, int slot)
        {
            _slots.AsSpan(place, Count - place).CopyTo(_slots.AsSpan(place + 1));
            _slots[place] = slot;
            Count++;
        }

        public void RemoveAt(int place)
        {
            _slots.AsSpan(place + 1, Count - place - 1).CopyTo(_slots.AsSpan(place));
            Count--;
        }

        public void Append(Block next)
        {
            next._slots.AsSpan(0, next.Count).CopyTo(_slots.AsSpan(Count));
            Count += next.Count;
        }

        /// <param name="ascends">Slots mostly arrive ascending: then the old block stays full and the new one begins empty but for its last.</param>
        public Block SplitOff(bool ascends)
        {
            int keep = ascends ? Count - 1 : Count / 2;
            var upper = new Block();
            _slots.AsSpan(keep, Count - keep).CopyTo(upper._slots);
            upper.Count = Count - keep;
            Count = keep;
            return upper;
        }

        public int Copy(int from, Span<int> into)
        {
            int place = Find(from);
            ReadOnlySpan<int> rest = _slots.AsSpan(0, Count)[(place < 0 ? ~place : place)..];
            int copied = Math.Min(rest.Length, into.Length);
            rest[..copied].CopyTo(into);
            return copied;
        }
    }
}
