using System.Buffers;

namespace Presence.Protocol;

/// <summary>
/// The heartbeat without protobuf: a payload of exactly two bytes, <c>08 xx</c> with xx below 0x80. Other legal encodings of a heartbeat
/// are left to <see cref="ClientFrames"/>; <see cref="FromValue"/> gives their flags.
/// </summary>
public static class HeartbeatFrame
{
    internal const byte Tag = 0x08;
    internal const int PayloadBytes = 2;
    internal const HeartbeatFlags Known = HeartbeatFlags.Active | HeartbeatFlags.WantAck;

    // The four heartbeats there are, each with its length.
    private static readonly byte[] _encoded =
        [PayloadBytes, Tag, 0, PayloadBytes, Tag, 1, PayloadBytes, Tag, 2, PayloadBytes, Tag, 3];

    /// <summary>True when the payload is a heartbeat in its short form.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out HeartbeatFlags flags)
    {
        if (payload is [Tag, < 0x80])
        {
            flags = FromValue(payload[1]);
            return true;
        }
        flags = HeartbeatFlags.None;
        return false;
    }

    /// <inheritdoc cref="TryRead(ReadOnlySpan{byte}, out HeartbeatFlags)"/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, out HeartbeatFlags flags)
    {
        if (payload.IsSingleSegment)
        {
            return TryRead(payload.FirstSpan, out flags);
        }
        flags = HeartbeatFlags.None;
        if (payload.Length != PayloadBytes)
        {
            return false;
        }
        Span<byte> copy = stackalloc byte[PayloadBytes];
        payload.CopyTo(copy);
        return TryRead(copy, out flags);
    }

    /// <summary>The flags in the value of <c>ClientFrame.heartbeat</c>; bits this version does not know are dropped.</summary>
    public static HeartbeatFlags FromValue(uint value) => (HeartbeatFlags)value & Known;

    /// <summary>The bytes of a heartbeat, encoded once for the life of the process: 3 with its length, 2 without.</summary>
    public static ReadOnlyMemory<byte> Encoded(HeartbeatFlags flags, Framing framing)
    {
        var frame = _encoded.AsMemory((int)(flags & Known) * (PayloadBytes + 1), PayloadBytes + 1);
        return framing == Framing.LengthPrefix ? frame : frame[1..];
    }
}
