using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Presence.Engine;

/// <summary>
/// Blocks of 32-bit integers in native memory, in size classes 1, 2, 3, 4, 6, 8, 12, 16 … (never more than a third wasted), each with a
/// free list. A block is named by its offset. For the watch lists of connections and the watcher sets of users. One thread only.
/// </summary>
internal sealed unsafe class IntArena : IDisposable
{
    /// <summary>The largest block; whoever needs more keeps several.</summary>
    public const int MaxBlock = 1 << 14;

    private const int ChunkShift = 16;
    private const int ChunkInts = 1 << ChunkShift;
    private const int None = -1;
    private const int CacheLineInts = 16;

    private readonly int[] _free = new int[2 * (BitOperations.Log2(MaxBlock) + 1)];
    private nint[] _chunks = new nint[4];
    private int _chunkCount;
    private int _used = ChunkInts;

    public IntArena() => Array.Fill(_free, None);

    ~IntArena() => Release();

    public long Bytes => (long)_chunkCount * ChunkInts * sizeof(int);

    /// <summary>The capacity of the block that holds at least <paramref name="count"/> integers.</summary>
    public static int CapacityFor(int count)
    {
        int power = (int)BitOperations.RoundUpToPowerOf2((uint)count);
        int between = power / 4 * 3;
        return power >= 4 && between >= count ? between : power;
    }

    /// <summary>One integer of a block.</summary>
    public ref int this[int place]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref ((int*)_chunks[place >> ChunkShift])[place & (ChunkInts - 1)];
    }

    /// <summary>Begins to bring a block into the cache.</summary>
    public void Prefetch(int offset, int length)
    {
        int* block = (int*)_chunks[offset >> ChunkShift] + (offset & (ChunkInts - 1));
        for (int i = 0; i < length; i += CacheLineInts)
        {
            Cache.Prefetch(block + i);
        }
    }

    public Span<int> Block(int offset, int length) =>
        new((int*)_chunks[offset >> ChunkShift] + (offset & (ChunkInts - 1)), length);

    /// <summary>A block of exactly <paramref name="capacity"/> integers, a value of <see cref="CapacityFor"/>. Its content is undefined.</summary>
    public int Allocate(int capacity)
    {
        ref int free = ref _free[ClassOf(capacity)];
        if (free != None)
        {
            int offset = free;
            free = Block(offset, 1)[0];
            return offset;
        }

        if (_used + capacity > ChunkInts)
        {
            // What is left of the old chunk (under MaxBlock integers) stays unused.
            AddChunk();
        }

        int fresh = ((_chunkCount - 1) << ChunkShift) + _used;
        _used += capacity;
        return fresh;
    }

    public void Free(int offset, int capacity)
    {
        ref int free = ref _free[ClassOf(capacity)];
        Block(offset, 1)[0] = free;
        free = offset;
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private static int ClassOf(int capacity) => (2 * BitOperations.Log2((uint)capacity)) + (BitOperations.IsPow2(capacity) ? 0 : 1);

    private void AddChunk()
    {
        if (_chunkCount == _chunks.Length)
        {
            Array.Resize(ref _chunks, _chunkCount * 2);
        }

        _chunks[_chunkCount++] = (nint)NativeMemory.Alloc(ChunkInts, sizeof(int));
        _used = 0;
    }

    private void Release()
    {
        for (int i = 0; i < _chunkCount; i++)
        {
            NativeMemory.Free((void*)_chunks[i]);
        }

        _chunkCount = 0;
    }
}
