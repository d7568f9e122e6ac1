using System.Runtime.CompilerServices;

namespace Presence.Engine;

/// <summary>
/// Structs by index in native memory: the collector never sees them, growth adds a chunk and moves nothing, so a <c>ref</c> stays good
/// until its slot is freed. Freed slots form a list threaded through their own first four bytes. A small slab touches little more memory
/// than it holds; from the second chunk on chunks are huge pages. One thread only.
/// </summary>
public sealed unsafe class Slab<T> : IDisposable
    where T : unmanaged
{
    private const int NoFree = -1;

    // Users' entries of 64 bytes fill a huge page. A constant: it is in the way to every record.
    private const int ChunkShift = 15;
    private const int ChunkItems = 1 << ChunkShift;
    private const int ChunkMask = ChunkItems - 1;

    private static readonly nuint ChunkBytes = (nuint)(ChunkItems * sizeof(T));

    private nint[] _chunks = new nint[4];
    private int _chunkCount;
    private int _highWater;
    private int _free = NoFree;

    ~Slab() => Release();

    /// <summary>Slots in use.</summary>
    public int Count { get; private set; }

    /// <summary>One above the highest index ever handed out: the bound of a walk over all slots.</summary>
    public int HighWater => _highWater;

    public long Bytes => (long)_highWater * sizeof(T);

    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref ((T*)_chunks[index >> ChunkShift])[index & ChunkMask];
    }

    /// <summary>Begins to bring a slot into the cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int index) => Cache.Prefetch((T*)_chunks[index >> ChunkShift] + (index & ChunkMask));

    /// <summary>Hands out a zeroed slot.</summary>
    public int Allocate()
    {
        Count++;
        int index = _free;
        if (index == NoFree)
        {
            if (_highWater == _chunkCount * ChunkItems)
            {
                AddChunk();
            }

            return _highWater++;
        }

        _free = Unsafe.As<T, int>(ref this[index]);
        this[index] = default;
        return index;
    }

    public void Free(int index)
    {
        Count--;
        ref T slot = ref this[index];
        slot = default;
        Unsafe.As<T, int>(ref slot) = _free;
        _free = index;
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void AddChunk()
    {
        if (_chunkCount == _chunks.Length)
        {
            Array.Resize(ref _chunks, _chunkCount * 2);
        }

        _chunks[_chunkCount] = (nint)Pages.Map(ChunkBytes, huge: _chunkCount > 0 && ChunkBytes % Pages.HugeBytes == 0);
        _chunkCount++;
    }

    private void Release()
    {
        for (int i = 0; i < _chunkCount; i++)
        {
            Pages.Unmap((void*)_chunks[i], ChunkBytes);
        }

        _chunkCount = 0;
    }
}
