using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Presence.Server.Transport.WebSockets;

/// <summary>The masking of what a client sends (RFC 6455 §5.3): each byte xor one of four, in turn. As a number, the first of the four is the lowest byte.</summary>
internal static class Masking
{
    public static uint Read(ReadOnlySpan<byte> mask) => BinaryPrimitives.ReadUInt32LittleEndian(mask);

    /// <summary>Takes the mask off, or puts it on.</summary>
    /// <param name="destination">At least as long as <paramref name="source"/>.</param>
    public static void Apply(uint mask, in ReadOnlySequence<byte> source, Span<byte> destination)
    {
        if (source.IsSingleSegment)
        {
            Apply(mask, source.FirstSpan, destination);
            return;
        }

        foreach (ReadOnlyMemory<byte> piece in source)
        {
            mask = Apply(mask, piece.Span, destination);
            destination = destination[piece.Length..];
        }
    }

    /// <returns>The mask for the bytes behind these.</returns>
    public static uint Apply(uint mask, ReadOnlySpan<byte> source, Span<byte> destination)
    {
        int done = ApplyWide(mask, source, destination);
        for (int i = done; i < source.Length; i++)
        {
            destination[i] = (byte)(source[i] ^ (mask >> (8 * (i & 3))));
        }

        return BitOperations.RotateRight(mask, 8 * (source.Length & 3));
    }

    // A multiple of four bytes, so that the mask begins anew behind it.
    private static int ApplyWide(uint mask, ReadOnlySpan<byte> source, Span<byte> destination)
    {
        ReadOnlySpan<Vector<uint>> from = MemoryMarshal.Cast<byte, Vector<uint>>(source);
        Span<Vector<uint>> to = MemoryMarshal.Cast<byte, Vector<uint>>(destination[..source.Length]);
        var wide = new Vector<uint>(BitConverter.IsLittleEndian ? mask : BinaryPrimitives.ReverseEndianness(mask));
        for (int i = 0; i < from.Length; i++)
        {
            to[i] = from[i] ^ wide;
        }

        return from.Length * Vector<byte>.Count;
    }
}
