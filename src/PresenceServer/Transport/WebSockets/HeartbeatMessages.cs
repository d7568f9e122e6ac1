using Presence.Protocol;

namespace Presence.Server.Transport.WebSockets;

/// <summary>Takes runs of heartbeats off a read in one go, as <see cref="HeartbeatScanner"/> does on a byte stream.</summary>
internal static class HeartbeatMessages
{
    /// <summary>Bytes of one: header, mask and two of payload.</summary>
    public const int Bytes = 8;

    private const byte FinalBinary = 0x82;
    private const byte MaskedTwo = 0x82;

    /// <summary>Consumes the heartbeats in short form, each a message of one frame, that <paramref name="bytes"/> begins with.</summary>
    /// <param name="bytes">Contiguous bytes that begin at the header of a new message.</param>
    /// <param name="combined">The flags of all of them, or-ed.</param>
    /// <returns>Bytes consumed: <see cref="Bytes"/> for each.</returns>
    public static int Consume(ReadOnlySpan<byte> bytes, out HeartbeatFlags combined)
    {
        int consumed = 0;
        combined = HeartbeatFlags.None;
        while (bytes is [FinalBinary, MaskedTwo, var mask0, var mask1, _, _, var first, var second, ..]
            && HeartbeatFrame.TryRead([(byte)(first ^ mask0), (byte)(second ^ mask1)], out HeartbeatFlags flags))
        {
            combined |= flags;
            consumed += Bytes;
            bytes = bytes[Bytes..];
        }

        return consumed;
    }
}
