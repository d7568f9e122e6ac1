namespace Presence.Protocol;

/// <summary>The length in front of each frame on a byte stream: a minimal varint, 1 … the limit of the connection.</summary>
public static class LengthPrefix
{
    /// <summary>Bytes of the longest length that any limit (a positive <see cref="int"/>) allows.</summary>
    public const int MaxBytes = 5;

    /// <summary>Bytes that the length takes for a payload of <paramref name="payloadBytes"/>.</summary>
    public static int Size(int payloadBytes) => Varint.Size((uint)payloadBytes);

    /// <summary>
    /// Reads a length from the first bytes of <paramref name="source"/>. The verdict is given at the first byte that decides it, so it
    /// depends on the bytes only and not on how they were split; a length whose continuation can only be over the limit is over the limit.
    /// </summary>
    /// <param name="source">What has arrived; more than <see cref="MaxBytes"/> are not looked at.</param>
    /// <param name="maxFrameBytes">The limit of the connection.</param>
    /// <param name="payloadBytes">The length that was read, with <see cref="FrameReadResult.Frame"/>.</param>
    /// <param name="prefixBytes">How many bytes it took.</param>
    /// <param name="fault">The reason, with <see cref="FrameReadResult.Malformed"/>.</param>
    public static FrameReadResult TryRead(
        ReadOnlySpan<byte> source, int maxFrameBytes, out int payloadBytes, out int prefixBytes, out FrameFault fault)
    {
        payloadBytes = 0;
        prefixBytes = 0;
        fault = FrameFault.None;
        var length = 0L;
        for (var i = 0; i < source.Length; i++)
        {
            var group = source[i];
            length |= (long)(group & 0x7F) << (7 * i);
            if (group < 0x80)
            {
                payloadBytes = (int)Math.Min(length, int.MaxValue);
                prefixBytes = i + 1;
                fault = Judge(length, last: group, prefixBytes, maxFrameBytes);
                return fault == FrameFault.None ? FrameReadResult.Frame : FrameReadResult.Malformed;
            }
            if (1L << (7 * (i + 1)) > maxFrameBytes)
            {
                fault = FrameFault.LengthOverLimit;
                return FrameReadResult.Malformed;
            }
        }
        return FrameReadResult.NeedMore;
    }

    internal static int Write(Span<byte> destination, int payloadBytes) => Varint.Write(destination, (uint)payloadBytes);

    private static FrameFault Judge(long length, byte last, int prefixBytes, int maxFrameBytes)
    {
        if (last == 0)
        {
            return prefixBytes == 1 ? FrameFault.LengthZero : FrameFault.LengthNotMinimal;
        }
        return length > maxFrameBytes ? FrameFault.LengthOverLimit : FrameFault.None;
    }
}
