using System.Buffers.Binary;
using System.Text.Unicode;

namespace Presence.Server.Transport.WebSockets;

/// <summary>The numbers of a close frame that are WebSocket's own (RFC 6455 §7.4); from 4000 on they are close codes of the protocol.</summary>
internal static class CloseStatus
{
    /// <summary>No number is said.</summary>
    public const ushort None = 0;

    public const ushort Normal = 1000;
    public const ushort ProtocolError = 1002;
    public const ushort NoText = 1007;

    /// <summary>What to answer to the payload of a client's close frame: its own number, or what is wrong with it.</summary>
    public static ushort AnswerTo(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
        {
            return None;
        }

        if (payload.Length < sizeof(ushort) || !MayBeSent(BinaryPrimitives.ReadUInt16BigEndian(payload)))
        {
            return ProtocolError;
        }

        return Utf8.IsValid(payload[sizeof(ushort)..]) ? BinaryPrimitives.ReadUInt16BigEndian(payload) : NoText;
    }

    /// <summary>A close frame with that number and no reason.</summary>
    public static ReadOnlySpan<byte> Payload(ushort status, Span<byte> scratch)
    {
        if (status == None)
        {
            return [];
        }

        BinaryPrimitives.WriteUInt16BigEndian(scratch, status);
        return scratch[..sizeof(ushort)];
    }

    // 1004, 1005, 1006 and 1015 are never on the wire; below 3000 the rest belongs to nobody yet.
    private static bool MayBeSent(ushort status) => status is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);
}
