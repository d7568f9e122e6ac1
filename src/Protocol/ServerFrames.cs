using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Presence.V1;

namespace Presence.Protocol;

/// <summary>
/// Server frames through the generated classes. The frequent ones have encoders of their own: <see cref="HeartbeatAckFrame"/>,
/// <see cref="AckFrame"/>, <see cref="UpdateFrame"/>, <see cref="PresencePage"/>.
/// </summary>
public static class ServerFrames
{
    // Unknown fields are discarded: a newer server may send what nobody here reads.
    private static readonly MessageParser<ServerFrame> _parser = ServerFrame.Parser.WithDiscardUnknownFields(true);

    /// <summary>Parses a payload. Never throws on bad bytes.</summary>
    /// <param name="payload">The frame without its length.</param>
    /// <param name="frame">The message; its oneof is set.</param>
    /// <param name="fault">Why not: malformed, or <see cref="FrameFault.Unsupported"/> when no known field of the oneof is set.</param>
    /// <param name="maxFrameBytes">The largest payload that is allowed.</param>
    public static bool TryParse(
        in ReadOnlySequence<byte> payload,
        [NotNullWhen(true)] out ServerFrame? frame,
        out FrameFault fault,
        int maxFrameBytes = ProtocolLimits.MaxFrameBytes)
    {
        if (!FrameCodec.TryParse(_parser, payload, maxFrameBytes, out frame, out fault))
        {
            return false;
        }
        if (frame.FrameCase != ServerFrame.FrameOneofCase.None)
        {
            return true;
        }
        frame = null;
        fault = FrameFault.Unsupported;
        return false;
    }

    /// <summary>Writes one frame.</summary>
    /// <exception cref="ArgumentException">No oneof, or over <paramref name="maxFrameBytes"/>; nothing was written.</exception>
    public static void Write(
        IBufferWriter<byte> output, ServerFrame frame, Framing framing, int maxFrameBytes = ProtocolLimits.MaxFrameBytes) =>
        FrameCodec.Write(output, frame, framing, maxFrameBytes);
}
