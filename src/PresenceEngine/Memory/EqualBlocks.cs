using System.Numerics;
using System.Runtime.CompilerServices;

namespace Presence.Engine;

/// <summary>
/// Blocks of one size, numbered from 0 without holes: the last block moves into the place of one that is removed, and what then lies idle behind the
/// last is given back to the system. The first integer of a block names its owner. Growth moves nothing. One thread only.
/// </summary>
internal sealed unsafe class EqualBlocks : IDisposable
{
    public const int None = -1;

    /// <summary>What stays behind the last block when more is given back; up to twice as much may lie there. Spares a size that goes to and fro.</summary>
    public const int SlackBytes = 16 << 10;

    // Half a huge page, which the system therefore never makes of one of its own accord: only what is touched is used.
    private const int MostChunkBytes = Pages.HugeBytes / 2;

    private readonly int _ints;
    private readonly int _chunkShift;
    private nint[] _chunks = new nint[4];
    private int _chunkCount;

    // Blocks from here on have never been written to, or are given back.
    private int _touched;

    /// <param name="ints">Size of a block, its owner included; 2 or more.</param>
    public EqualBlocks(int ints)
    {
        _ints = ints;
        _chunkShift = BitOperations.Log2((uint)(MostChunkBytes / BlockBytes));
    }

    ~EqualBlocks() => Release();

    public int Count { get; private set; }

    public long Bytes => (long)_touched * BlockBytes;

    private int BlockBytes => _ints * sizeof(int);

    private nuint ChunkBytes => (nuint)BlockBytes << _chunkShift;

    /// <summary>The integers of a block behind its owner; good until a block is removed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<int> Items(int number, int count) => new(At(number) + 1, count);

    /// <summary>Adds a block; its content is undefined.</summary>
    /// <returns>Its number.</returns>
    public int Add(int owner)
    {
        if (Count == _chunkCount << _chunkShift)
        {
            AddChunk();
        }

        *At(Count) = owner;
        _touched = Math.Max(_touched, Count + 1);
        return Count++;
    }

    /// <summary>Removes a block.</summary>
    /// <returns>The owner of the block that has this number from now on, or <see cref="None"/>: it was the last.</returns>
    public int Remove(int number)
    {
        int last = --Count;
        int moved = None;
        if (number != last)
        {
            new ReadOnlySpan<int>(At(last), _ints).CopyTo(new Span<int>(At(number), _ints));
            moved = *At(number);
        }

        if ((long)(_touched - Count) * BlockBytes >= 2 * SlackBytes)
        {
            GiveBackFrom(Count + (SlackBytes / BlockBytes));
        }

        return moved;
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int* At(int number) =>
        (int*)_chunks[number >> _chunkShift] + ((nint)(number & ((1 << _chunkShift) - 1)) * _ints);

    private void GiveBackFrom(int number)
    {
        while (_touched > number)
        {
            int last = _touched - 1;
            int first = Math.Max(number, (last >> _chunkShift) << _chunkShift);
            Pages.Discard(At(first), At(last) + _ints);
            _touched = first;
        }
    }

    private void AddChunk()
    {
        if (_chunkCount == _chunks.Length)
        {
            Array.Resize(ref _chunks, _chunkCount * 2);
        }

        _chunks[_chunkCount++] = (nint)Pages.Map(ChunkBytes, huge: false);
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
