using System.Buffers;
using System.Buffers.Binary;

namespace Presence.Server.Transport.WebSockets;

/// <summary>The header of a WebSocket frame as a server sends it: not masked, and always the only one of its message.</summary>
internal static class ServerHeader
{
    /// <summary>Bytes of the longest.</summary>
    public const int MaxBytes = 10;

    private const byte Final = 0x80;

    /// <summary>Writes a message of one frame.</summary>
    public static void Write(IBufferWriter<byte> output, Opcode opcode, ReadOnlySpan<byte> payload)
    {
        Span<byte> room = output.GetSpan(MaxBytes + payload.Length);
        int header = Write(room, opcode, payload.Length);
        payload.CopyTo(room[header..]);
        output.Advance(header + payload.Length);
    }

    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> destination, Opcode opcode, int payloadBytes)
    {
        destination[0] = (byte)(Final | (byte)opcode);
        switch (payloadBytes)
        {
            case <= 125:
                destination[1] = (byte)payloadBytes;
                return 2;
            case <= ushort.MaxValue:
                destination[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)payloadBytes);
                return 4;
            default:
                destination[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(destination[2..], (ulong)payloadBytes);
                return MaxBytes;
        }
    }
}
