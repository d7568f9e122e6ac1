using System.Numerics;
using System.Runtime.InteropServices;

namespace Presence.Engine;

/// <summary>A list in <see cref="OwnedLists"/>; its owner keeps it. The default is the empty list, which has no block.</summary>
/// <param name="Block">Number of its block among those of its size.</param>
/// <param name="Count">Integers in it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct IntList(int Block, int Count);

/// <summary>
/// Lists of 32-bit integers in native memory, each in one block of 2, 3, 4, 6, 8, 12, 16 … integers, the first of which names the list's owner. Blocks
/// of one size lie without holes: whatever sizes lists have grown through, memory is what they need now. The price is that a list that changes its size
/// may move the block of another, whose owner has to be told. One thread only.
/// </summary>
internal sealed class OwnedLists : IDisposable
{
    /// <summary>Of one list.</summary>
    public const int MaxCount = (1 << 14) - 1;

    public const int None = EqualBlocks.None;

    private readonly EqualBlocks?[] _sizes = new EqualBlocks?[ClassOf(MaxCount) + 1];

    public long Bytes
    {
        get
        {
            long bytes = 0;
            foreach (EqualBlocks? blocks in _sizes)
            {
                bytes += blocks?.Bytes ?? 0;
            }

            return bytes;
        }
    }

    /// <summary>How many integers the block of a list of <paramref name="count"/> has room for.</summary>
    public static int CapacityFor(int count)
    {
        int power = (int)BitOperations.RoundUpToPowerOf2((uint)count + 1);
        int between = power / 4 * 3;
        return (power >= 4 && between > count ? between : power) - 1;
    }

    /// <summary>Good until a list changes its size.</summary>
    public Span<int> Items(IntList list) => list.Count == 0 ? default : BlocksFor(list.Count).Items(list.Block, list.Count);

    /// <summary>Makes a list longer or shorter: at its end, where the content of what is new is undefined.</summary>
    /// <param name="list">As it is.</param>
    /// <param name="count">As many as it is to hold, at most <see cref="MaxCount"/>.</param>
    /// <param name="owner">Whose it is; not negative.</param>
    /// <param name="moved">The owner of the list whose block has <c>list.Block</c> for its number from now on, or <see cref="None"/>.</param>
    public IntList Resize(IntList list, int count, int owner, out int moved)
    {
        moved = None;
        if (CapacityFor(count) == CapacityFor(list.Count))
        {
            return list with { Count = count };
        }

        IntList resized = count == 0 ? default : new IntList(BlocksFor(count).Add(owner), count);
        int kept = Math.Min(list.Count, count);
        Items(list)[..kept].CopyTo(Items(resized));
        if (list.Count > 0)
        {
            moved = BlocksFor(list.Count).Remove(list.Block);
        }

        return resized;
    }

    public void Dispose()
    {
        foreach (EqualBlocks? blocks in _sizes)
        {
            blocks?.Dispose();
        }
    }

    private static int ClassOf(int count)
    {
        int size = CapacityFor(count) + 1;
        return (2 * BitOperations.Log2((uint)size)) + (BitOperations.IsPow2(size) ? 0 : 1);
    }

    private EqualBlocks BlocksFor(int count) => _sizes[ClassOf(count)] ??= new EqualBlocks(CapacityFor(count) + 1);
}
