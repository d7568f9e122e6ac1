using System.Buffers;
using System.Buffers.Binary;
using Presence.Protocol;

namespace Presence.Server.Transport.WebSockets;

/// <summary>
/// The header of a WebSocket frame as a client sends it (RFC 6455 §5.2): two bytes, more for a longer length, and the mask. No extension is agreed on, so
/// the reserved bits are zero.
/// </summary>
/// <param name="Opcode">A known one.</param>
/// <param name="IsFinal">The message ends with this frame.</param>
/// <param name="PayloadBytes">Up to 2^63 - 1: the header says it, nothing more.</param>
/// <param name="Mask">See <see cref="Masking"/>.</param>
/// <param name="Bytes">Of the header itself.</param>
internal readonly record struct ClientHeader(Opcode Opcode, bool IsFinal, long PayloadBytes, uint Mask, int Bytes)
{
    /// <summary>Bytes of the longest.</summary>
    public const int MaxBytes = 14;

    /// <summary>Payload of a control frame.</summary>
    public const int MaxControlBytes = 125;

    private const byte Final = 0x80;
    private const byte Reserved = 0x70;
    private const byte Masked = 0x80;
    private const int Length16 = 126;
    private const int Length64 = 127;
    private const int MaskBytes = 4;

    public bool IsControl => Opcode >= Opcode.Close;

    /// <summary>
    /// Reads a header from the first bytes of <paramref name="buffer"/>. The verdict depends on the bytes only, not on how they were split.
    /// </summary>
    /// <param name="buffer">What has arrived; more than <see cref="MaxBytes"/> are not looked at.</param>
    /// <param name="inMessage">A message has begun and not ended: only its next frame, or a control frame, may come.</param>
    public static FrameReadResult TryRead(in ReadOnlySequence<byte> buffer, bool inMessage, out ClientHeader header)
    {
        ReadOnlySpan<byte> first = buffer.FirstSpan;
        if (buffer.IsSingleSegment || first.Length >= MaxBytes)
        {
            return TryRead(first, inMessage, out header);
        }

        Span<byte> head = stackalloc byte[MaxBytes];
        head = head[..(int)Math.Min(buffer.Length, MaxBytes)];
        buffer.Slice(0, head.Length).CopyTo(head);
        return TryRead(head, inMessage, out header);
    }

    /// <inheritdoc cref="TryRead(in ReadOnlySequence{byte}, bool, out ClientHeader)"/>
    public static FrameReadResult TryRead(ReadOnlySpan<byte> buffer, bool inMessage, out ClientHeader header)
    {
        header = default;
        if (buffer.IsEmpty)
        {
            return FrameReadResult.NeedMore;
        }

        header = new ClientHeader((Opcode)(buffer[0] & 0x0F), (buffer[0] & Final) != 0, 0, 0, 0);
        if ((buffer[0] & Reserved) != 0 || !header.MayCome(inMessage))
        {
            return FrameReadResult.Malformed;
        }

        return buffer.Length < 2 ? FrameReadResult.NeedMore : ReadLength(buffer, ref header);
    }

    private bool MayCome(bool inMessage) => Opcode switch
    {
        Opcode.Continuation => inMessage,
        Opcode.Text or Opcode.Binary => !inMessage,
        Opcode.Close or Opcode.Ping or Opcode.Pong => IsFinal,
        _ => false,
    };

    private static FrameReadResult ReadLength(ReadOnlySpan<byte> buffer, ref ClientHeader header)
    {
        int shortLength = buffer[1] & ~Masked;
        if ((buffer[1] & Masked) == 0 || (header.IsControl && shortLength > MaxControlBytes))
        {
            return FrameReadResult.Malformed;
        }

        int lengthBytes = shortLength switch { Length16 => sizeof(ushort), Length64 => sizeof(ulong), _ => 0 };
        if (buffer.Length < 2 + lengthBytes)
        {
            return FrameReadResult.NeedMore;
        }

        ReadOnlySpan<byte> length = buffer.Slice(2, lengthBytes);
        (ulong payload, ulong least) = shortLength switch
        {
            Length16 => ((ulong)BinaryPrimitives.ReadUInt16BigEndian(length), (ulong)Length16),
            Length64 => (BinaryPrimitives.ReadUInt64BigEndian(length), ushort.MaxValue + 1UL),
            _ => ((ulong)shortLength, 0UL),
        };
        if (payload < least || payload > long.MaxValue)
        {
            return FrameReadResult.Malformed;
        }

        int bytes = 2 + lengthBytes + MaskBytes;
        if (buffer.Length < bytes)
        {
            return FrameReadResult.NeedMore;
        }

        header = header with { PayloadBytes = (long)payload, Mask = Masking.Read(buffer[(2 + lengthBytes)..]), Bytes = bytes };
        return FrameReadResult.Frame;
    }
}
