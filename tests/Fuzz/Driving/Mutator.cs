using System.Buffers.Binary;

namespace Presence.Fuzz;

/// <summary>Makes inputs out of others: some bytes changed, moved, doubled or left out, words of the target put in, two inputs spliced. The same seed makes the same ones.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> words, int maxBytes)
{
    private const int MostChanges = 16;
    private const int MostArithmetic = 35;
    private static readonly ulong[] _interesting =
    [
        0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, long.MaxValue, 1UL << 63, ulong.MaxValue,
    ];

    private readonly List<byte> _bytes = [];

    /// <param name="input">What to begin with.</param>
    /// <param name="other">What may be spliced in.</param>
    public byte[] Mutate(byte[] input, byte[] other)
    {
        _bytes.Clear();
        _bytes.AddRange(input);
        int changes = 1 << random.Next(1 + (int)Math.Log2(MostChanges));
        for (int i = 0; i < changes; i++)
        {
            Change(other);
        }

        return _bytes.Count <= maxBytes ? [.. _bytes] : [.. _bytes[..maxBytes]];
    }

    private void Change(byte[] other)
    {
        if (_bytes.Count == 0)
        {
            Insert(0, [(byte)random.Next(256)]);
            return;
        }

        int at = random.Next(_bytes.Count);
        switch (random.Next(12))
        {
            case 0:
                _bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                _bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                _bytes[at] += (byte)(random.Next((2 * MostArithmetic) + 1) - MostArithmetic);
                break;
            case 3:
                SetNumber(at, _interesting[random.Next(_interesting.Length)]);
                break;
            case 4:
                AddToNumber(at);
                break;
            case 5 or 6:
                _bytes.RemoveRange(at, LengthFrom(at));
                break;
            case 7:
                Insert(random.Next(_bytes.Count + 1), _bytes.GetRange(at, LengthFrom(at)));
                break;
            case 8:
                Insert(at, [.. Enumerable.Repeat((byte)random.Next(256), 1 + random.Next(16))]);
                break;
            case 9 when words.Count > 0:
                Insert(random.Next(_bytes.Count + 1), words[random.Next(words.Count)]);
                break;
            case 10 when words.Count > 0:
                Overwrite(at, words[random.Next(words.Count)]);
                break;
            default:
                Splice(at, other);
                break;
        }
    }

    // Most pieces are short.
    private int LengthFrom(int at) => 1 + random.Next(Math.Min(_bytes.Count - at, 1 << random.Next(10)));

    private void Insert(int at, IReadOnlyList<byte> piece)
    {
        if (_bytes.Count < maxBytes)
        {
            _bytes.InsertRange(at, piece);
        }
    }

    private void Overwrite(int at, ReadOnlySpan<byte> piece)
    {
        for (int i = 0; i < piece.Length && at + i < _bytes.Count; i++)
        {
            _bytes[at + i] = piece[i];
        }
    }

    private void Splice(int at, byte[] other)
    {
        if (other.Length > 0)
        {
            int from = random.Next(other.Length);
            int length = 1 + random.Next(other.Length - from);
            if (random.Next(2) == 0)
            {
                Overwrite(at, other.AsSpan(from, length));
            }
            else
            {
                Insert(at, other[from..(from + length)]);
            }
        }
    }

    private void SetNumber(int at, ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        int size = 1 << random.Next(4);
        if (random.Next(2) == 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
            Overwrite(at, bytes[..size]);
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
            Overwrite(at, bytes[^size..]);
        }
    }

    // Two bytes, in either order.
    private void AddToNumber(int at)
    {
        if (at + 1 < _bytes.Count)
        {
            bool little = random.Next(2) == 0;
            (int low, int high) = little ? (at, at + 1) : (at + 1, at);
            int sum = _bytes[low] + (_bytes[high] << 8) + random.Next((2 * MostArithmetic) + 1) - MostArithmetic;
            (_bytes[low], _bytes[high]) = ((byte)sum, (byte)(sum >> 8));
        }
    }
}
