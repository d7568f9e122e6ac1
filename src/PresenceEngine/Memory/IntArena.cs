using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Presence.Engine;

/// <summary>
/// Blocks of 32-bit integers in native memory, all of one size, which stay where they are; with a free list. A block is named by its offset, a
/// multiple of the size. One thread only.
/// </summary>
/// <param name="blockInts">Size of a block, a power of two up to 2^16.</param>
internal sealed unsafe class IntArena(int blockInts) : IDisposable
{
    private const int ChunkShift = 16;
    private const int ChunkInts = 1 << ChunkShift;
    private const int None = -1;
    private const int CacheLineInts = 16;

    private nint[] _chunks = new nint[4];
    private int _chunkCount;
    private int _used = ChunkInts;
    private int _free = None;

    ~IntArena() => Release();

    public long Bytes => (long)_chunkCount * ChunkInts * sizeof(int);

    /// <summary>One integer of a block.</summary>
    public ref int this[int place]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref ((int*)_chunks[place >> ChunkShift])[place & (ChunkInts - 1)];
    }

    /// <summary>Begins to bring a block into the cache.</summary>
    public void Prefetch(int offset)
    {
        var block = (int*)Unsafe.AsPointer(ref this[offset]);
        for (int i = 0; i < blockInts; i += CacheLineInts)
        {
            Cache.Prefetch(block + i);
        }
    }

    /// <summary>Integers of one block.</summary>
    public Span<int> Part(int offset, int length) => MemoryMarshal.CreateSpan(ref this[offset], length);

    /// <summary>A block; its content is undefined.</summary>
    public int Allocate()
    {
        if (_free != None)
        {
            int offset = _free;
            _free = this[offset];
            return offset;
        }

        if (_used == ChunkInts)
        {
            AddChunk();
        }

        int fresh = ((_chunkCount - 1) << ChunkShift) + _used;
        _used += blockInts;
        return fresh;
    }

    public void Free(int offset)
    {
        this[offset] = _free;
        _free = offset;
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
