using System.Numerics;

namespace Presence.LoadClient.Links;

/// <summary>
/// A shuffled order of 0 … count − 1 that is computed instead of stored, both ways: a Feistel network over the next even number of bits,
/// walked on until it lands inside (at most four steps on average).
/// </summary>
internal sealed class Permutation
{
    private const int Rounds = 4;

    private readonly ulong[] _keys = new ulong[Rounds];
    private readonly ulong _count;
    private readonly int _halfBits;
    private readonly ulong _halfMask;

    /// <param name="count">1 … 2^62.</param>
    public Permutation(long count, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 1L << 62);
        _count = (ulong)count;
        _halfBits = Math.Max(1, (BitOperations.Log2(_count) + 2) / 2);
        _halfMask = (1UL << _halfBits) - 1;
        for (int round = 0; round < Rounds; round++)
        {
            _keys[round] = SplitMix.Of(seed, (ulong)round);
        }
    }

    /// <summary>The number at a place of the order.</summary>
    public long this[long place]
    {
        get
        {
            ulong value = (ulong)place;
            do
            {
                value = Encrypt(value);
            }
            while (value >= _count);

            return (long)value;
        }
    }

    /// <summary>The place of a number.</summary>
    public long PlaceOf(long number)
    {
        ulong value = (ulong)number;
        do
        {
            value = Decrypt(value);
        }
        while (value >= _count);

        return (long)value;
    }

    private ulong Encrypt(ulong value)
    {
        (ulong left, ulong right) = (value >> _halfBits, value & _halfMask);
        foreach (ulong key in _keys)
        {
            (left, right) = (right, left ^ Scramble(right, key));
        }

        return (left << _halfBits) | right;
    }

    private ulong Decrypt(ulong value)
    {
        (ulong left, ulong right) = (value >> _halfBits, value & _halfMask);
        for (int round = Rounds - 1; round >= 0; round--)
        {
            (left, right) = (right ^ Scramble(left, _keys[round]), left);
        }

        return (left << _halfBits) | right;
    }

    // The high bits of a product depend on all bits of its factors.
    private ulong Scramble(ulong half, ulong key)
    {
        ulong product = (half ^ key) * 0x9E3779B97F4A7C15;
        return (product ^ (product >> 29)) >> 17 & _halfMask;
    }
}
