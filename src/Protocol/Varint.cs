using System.Numerics;

namespace Presence.Protocol;

/// <summary>Base-128 varints, least significant group first, always in as few bytes as the value needs.</summary>
internal static class Varint
{
    public const int MaxBytes = 10;

    /// <summary>Without a loop: 1 byte for each 7 bits begun, as (9 × highest bit + 73) / 64.</summary>
    public static int Size(ulong value) => ((BitOperations.Log2(value | 1) * 9) + 73) >> 6;

    public static int Write(Span<byte> destination, ulong value)
    {
        var i = 0;
        for (; value >= 0x80; value >>= 7)
        {
            destination[i++] = (byte)(value | 0x80);
        }
        destination[i++] = (byte)value;
        return i;
    }
}
